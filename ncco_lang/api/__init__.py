"""The providers' APIs: typed requests and answers, authentication, and what each return code means."""

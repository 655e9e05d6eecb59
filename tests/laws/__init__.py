"""Laws: what holds for every input, tried on very many."""

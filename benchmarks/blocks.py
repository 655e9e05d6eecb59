"""The longer pieces of a telephone flow: statements with a block, a text or a comment of several lines.

`benchmarks/scenes.py` describes how each of the four languages writes a piece.
"""

from __future__ import annotations

from benchmarks.scenes import Scene

LONG_TEXT = Scene(
    flow="""\

talk \"""
    The ~a ~b comes out of the oven at ~few o'clock.
    You can collect it at the ~c door until we close, at six in the evening.
    \""" style: 2
""",
    sql="""\

SELECT talk('
    The ~a ~b comes out of the oven at ~few o''clock.
    You can collect it at the ~c door until we close, at six in the evening.
    ', style => 2);
""",
    hcl="""\

action "talk" {
    text = <<-EOT
    The ~a ~b comes out of the oven at ~few o'clock.
    You can collect it at the ~c door until we close, at six in the evening.
    EOT
    style = 2
}
""",
    jsonnet="""\

  talk { text: |||-
    The ~a ~b comes out of the oven at ~few o'clock.
    You can collect it at the ~c door until we close, at six in the evening.
  |||, style: 2 },
""",
)

MENU = Scene(
    statements=2,
    flow="""\

// The server answers with what the caller chose.
talk "Press 1 for ~a ~b, 2 for ~c bread, or stay on the line." barge_in
input dtmf {
    max_digits: ~few
    timeout: ~{many}s
    submit_on_hash: true
    event_url: "{server}/menu/~section"
}
""",
    sql="""\

-- The server answers with what the caller chose.
SELECT talk('Press 1 for ~a ~b, 2 for ~c bread, or stay on the line.', barge_in => TRUE);
SELECT input_dtmf(
    max_digits => ~few,
    timeout => ~many,
    submit_on_hash => TRUE,
    event_url => server || '/menu/~section'
);
""",
    hcl="""\

# The server answers with what the caller chose.
action "talk" {
    text = "Press 1 for ~a ~b, 2 for ~c bread, or stay on the line."
    barge_in = true
}
action "input" "dtmf" {
    max_digits = ~few
    timeout = ~many
    submit_on_hash = true
    event_url = "${local.server}/menu/~section"
}
""",
    jsonnet="""\

  // The server answers with what the caller chose.
  talk { text: "Press 1 for ~a ~b, 2 for ~c bread, or stay on the line.", bargeIn: true },
  {
    action: "input", type: ["dtmf"],
    dtmf: { maxDigits: ~few, timeOut: ~many, submitOnHash: true },
    eventUrl: [server + "/menu/~section"],
  },
""",
)

QUESTION = Scene(
    statements=2,
    flow="""\

talk "Would you like the ~a ~b, or the ~c one?"
input speech {
    language: en-GB
    context: ["~a", "~c", "neither"]
    end_on_silence: 1500ms // a short answer
    event_url: "{server}/words"
}
""",
    sql="""\

SELECT talk('Would you like the ~a ~b, or the ~c one?');
SELECT input_speech(
    language => 'en-GB',
    context => ARRAY['~a', '~c', 'neither'],
    end_on_silence => 1.5, -- a short answer
    event_url => server || '/words'
);
""",
    hcl="""\

action "talk" { text = "Would you like the ~a ~b, or the ~c one?" }
action "input" "speech" {
    language = "en-GB"
    context = ["~a", "~c", "neither"]
    end_on_silence = 1.5 # a short answer
    event_url = "${local.server}/words"
}
""",
    jsonnet="""\

  talk { text: "Would you like the ~a ~b, or the ~c one?" },
  {
    action: "input", type: ["speech"],
    speech: {
      language: "en-GB",
      context: ["~a", "~c", "neither"],
      endOnSilence: 1.5, // a short answer
    },
    eventUrl: [server + "/words"],
  },
""",
)

MESSAGE = Scene(
    statements=3,
    flow="""\

talk "Tell {team_~section} what the ~a ~b is for, and press hash. This is recorded."
record {
    format: mp3
    beep_start: true
    end_on_key: #
    end_on_silence: ~{many}s
    timeout: 2m
    event_url: "{server}/messages"

    // Written down as well, for those who would rather read.
    transcription {
        language: en-GB
        event_url: "{server}/transcripts"
    }
}
talk "Thank you."
""",
    sql="""\

SELECT talk('Tell ' || team_~section || ' what the ~a ~b is for, and press hash. This is recorded.');
SELECT record(
    format => 'mp3',
    beep_start => TRUE,
    end_on_key => '#',
    end_on_silence => ~many,
    timeout => 120,
    event_url => server || '/messages',

    -- Written down as well, for those who would rather read.
    transcription => transcription(
        language => 'en-GB',
        event_url => server || '/transcripts'
    )
);
SELECT talk('Thank you.');
""",
    hcl="""\

action "talk" { text = "Tell ${local.team_~section} what the ~a ~b is for, and press hash. This is recorded." }
action "record" {
    format = "mp3"
    beep_start = true
    end_on_key = "#"
    end_on_silence = ~many
    timeout = 120
    event_url = "${local.server}/messages"

    # Written down as well, for those who would rather read.
    transcription {
        language = "en-GB"
        event_url = "${local.server}/transcripts"
    }
}
action "talk" { text = "Thank you." }
""",
    jsonnet="""\

  talk { text: "Tell " + team_~section + " what the ~a ~b is for, and press hash. This is recorded." },
  {
    action: "record",
    format: "mp3",
    beepStart: true,
    endOnKey: "#",
    endOnSilence: ~many,
    timeOut: 120,
    eventUrl: [server + "/messages"],

    // Written down as well, for those who would rather read.
    transcription: {
      language: "en-GB",
      eventUrl: [server + "/transcripts"],
    },
  },
  talk { text: "Thank you." },
""",
)

SIP = Scene(
    flow="""\

connect sip "sip:~b@exchange.example.com" {
    headers: { "Section": "~section", "Goods": "~a ~b" }
    timeout: 4~{few}s
    event_url: "{server}/calls"
}
""",
    sql="""\

SELECT connect_sip('sip:~b@exchange.example.com',
    headers => jsonb_build_object('Section', '~section', 'Goods', '~a ~b'),
    timeout => 4~few,
    event_url => server || '/calls'
);
""",
    hcl="""\

action "connect" "sip" {
    uri = "sip:~b@exchange.example.com"
    headers = { "Section" = "~section", "Goods" = "~a ~b" }
    timeout = 4~few
    event_url = "${local.server}/calls"
}
""",
    jsonnet="""\

  connect {
    endpoint: [{
      type: "sip", uri: "sip:~b@exchange.example.com",
      headers: { "Section": "~section", "Goods": "~a ~b" },
    }],
    timeout: 4~few,
    eventUrl: [server + "/calls"],
  },
""",
)

REPORT = Scene(
    flow="""\

notify {
    payload: { "step": ~seconds, "goods": ["~a", "~b"], "urgent": false }
    event_url: "{server}/steps"
}
""",
    sql="""\

SELECT notify(
    payload => jsonb_build_object('step', ~seconds, 'goods', ARRAY['~a', '~b'], 'urgent', FALSE),
    event_url => server || '/steps'
);
""",
    hcl="""\

action "notify" {
    payload = { "step" = ~seconds, "goods" = ["~a", "~b"], "urgent" = false }
    event_url = "${local.server}/steps"
}
""",
    jsonnet="""\

  {
    action: "notify",
    payload: { "step": ~seconds, "goods": ["~a", "~b"], "urgent": false },
    eventUrl: [server + "/steps"],
  },
""",
)

BLOCKS = (LONG_TEXT, MENU, QUESTION, MESSAGE, SIP, REPORT)

# ── The end: nothing may follow a conversation ────────────────────────────────────────────────────────

ROOM = Scene(
    flow="""\

conversation "bakers" {
    music_on_hold_url: "{server}/audio/hold.mp3"
    end_on_exit: true
}
""",
    sql="""\

SELECT conversation('bakers',
    music_on_hold_url => server || '/audio/hold.mp3',
    end_on_exit => TRUE
);
""",
    hcl="""\

action "conversation" {
    name = "bakers"
    music_on_hold_url = "${local.server}/audio/hold.mp3"
    end_on_exit = true
}
""",
    jsonnet="""\

  {
    action: "conversation", name: "bakers",
    musicOnHoldUrl: [server + "/audio/hold.mp3"],
    endOnExit: true,
  },
""",
)

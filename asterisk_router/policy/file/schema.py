"""Every section and key of a policy file, in one table."""

from __future__ import annotations

from typing import Literal, NamedTuple

FieldKind = Literal[
    "text", "name", "token", "template", "screen", "duration", "whole", "flag", "when", "agent", "language",
    "timezone", "hours", "dates", "texts", "names", "languages", "trust", "moment", "past calls", "yields",
    "ringing", "table", "tables",
]  # fmt: skip
"""How a value is checked; `kinds.py` has one function for each."""

Shape = Literal["one", "named", "list"]
"""`[policy]`, `[classes.NAME]`, `[[classify]]`."""


class Field(NamedTuple):
    """One key of a section."""

    kind: FieldKind
    """How its value is written."""
    meaning: str
    """What it does for the call, for the document."""
    required: bool = False
    """Whether the section is refused without it."""
    refers: str = ""
    """The section that must define the name it holds."""


class Section(NamedTuple):
    """One kind of table in the file."""

    shape: Shape
    """How it is written."""
    meaning: str
    """What it is for, for the document."""
    fields: dict[str, Field]
    """Its keys."""


TREATMENT = {
    "branch": Field("token", "Extension of the dialplan's branches context the call goes to.", refers="branches"),
    "queue": Field("token", "Queue the call waits in; '' for none.", refers="queues"),
    "greeting": Field("template", "Sound file of the greeting; {language} stands for the language spoken."),
    "menu": Field("template", "Sound file of the menu; {language} stands for the language spoken."),
    "head_start": Field("duration", "Minutes of waiting granted in advance."),
    "promised_wait": Field("duration", "The wait the class is promised, for reports."),
    "agent": Field("agent", "Whom to ring before the queue: 'own' account manager, 'last' agent, or 'none'."),
    "agent_wait": Field("ringing", "How long that agent's desk rings before the mobile and the queue; else 15s."),
    "skill": Field("name", "A skill that the queue defines: gives the penalty window, or another queue; '' for none."),
    "min_penalty": Field("whole", "Skill window: least penalty of the queue members rung."),
    "max_penalty": Field("whole", "Skill window: greatest penalty of the queue members rung; 0 for no limit."),
    "record": Field("flag", "Whether the call is recorded."),
    "language": Field("language", "Language to speak, whatever the caller's."),
    "screen": Field(
        "screen",
        "Who is calling, for the agent's telephone: text with {name} {number} {class} {line} {project} {value}.",
    ),
    "card_url": Field("screen", "Address of the caller's card, with the same words, escaped for a URL."),
    "tell_wait": Field("flag", "Whether the caller is told the wait to expect, when it is known."),
    "call_back": Field("flag", "Whether a missed call is owed a call-back; else true."),
}
"""What a class gets and a `[[treat]]` refines."""

_CLASSIFY = {
    "name": Field("text", "What people call the rule.", required=True),
    "when": Field("when", "Left out: always matches."),
    "class": Field("name", "Class of the calls it matches.", required=True, refers="classes"),
}
_TREAT = {
    "name": Field("text", "What people call the rule."),
    "when": Field("when", "Left out: always matches."),
    **TREATMENT,
}
_BONUS = {
    "name": Field("text", "What people call the rule."),
    "when": Field("when", "Left out: always matches."),
    "head_start": Field("duration", "Added to the head start.", required=True),
}

RULE_SECTIONS = {
    "classify": Section("list", "First match decides the class.", _CLASSIFY),
    "treat": Section("list", "First match refines what the class gets.", _TREAT),
    "bonus": Section("list", "Every match adds to the head start.", _BONUS),
}
"""The three lists of rules, of the house or of a project."""

EXPECT = {
    "class": Field("name", "Class.", refers="classes"),
    "rule": Field("text", "Name of the `[[classify]]` rule that won."),
    "desk": Field("text", "The preferred agent's desk, '' for anyone."),
    "screen": Field("text", "The screen name as shown."),
    "card_url": Field("text", "The address as built."),
    "trust": Field("trust", "Trust in the number."),
    **{name: TREATMENT[name] for name in ("branch", "queue", "head_start", "promised_wait", "record")},
    **{name: TREATMENT[name] for name in ("min_penalty", "max_penalty", "call_back")},
    "agent_wait": Field("duration", "How long the agent's desk rings, '0s' without one."),
    "expected_wait": Field("duration", "The wait told to the caller, '0s' when none is."),
    "greeting": Field("token", "Greeting."),
    "menu": Field("token", "Menu."),
    "language": Field("text", "Language set, '' for the channel's."),
    "agent": Field("name", "The preferred agent by name, or 'none'."),
}  # fmt: skip
"""What a `[[test]]` can expect of the decision."""

_TEST = {
    "name": Field("text", "What is tested.", required=True),
    "expect": Field("table", "What must come out.", required=True),
    "number": Field("text", "Raw caller ID; left out: withheld."),
    "line": Field("name", "Line called; left out: one the policy does not know.", refers="lines"),
    "at": Field("moment", "When it rings, in the policy's time zone: '2026-03-02 10:00'.", required=True),
    "tags": Field("names", "Tags of the caller."),
    "trust": Field("trust", "Trust in the number; left out: as the call itself gives."),
    "name_of_caller": Field("text", "Name on record."),
    "value": Field("whole", "Revenue so far."),
    "orders": Field("whole", "Orders placed."),
    "own_agent": Field("name", "Account manager.", refers="agents"),
    "last_agent": Field("name", "Who last spoke with the caller.", refers="agents"),
    "language": Field("language", "Language on record."),
    "open_matters": Field("names", "What is open: 'incident', 'complaint', 'deal'."),
    "calls": Field("past calls", "Earlier calls: how long ago and how they ended: ['2h missed', '3d answered', '9d']."),
    "known": Field("flag", "On record even without anything above."),
    "choice": Field("text", "Chosen in a menu before."),
    "trunk": Field("text", "Trunk the call comes in by."),
    "presentation": Field("text", "Caller ID presentation."),
    "attestation": Field("text", "STIR/SHAKEN attestation."),
    "verification": Field("text", "STIR/SHAKEN result."),
    "asserted": Field("text", "Identity the trunk asserts, as P-Asserted-Identity: '<sip:+42125550100@carrier>'."),
    "proven": Field("text", "How the caller proved who they are in the call: 'pin'."),
    "redirecting_number": Field("text", "Who diverted the call here."),
    "channel_language": Field("language", "Language of the channel."),
    "degraded": Field("flag", "The store failed."),
    "approved": Field("names", "Tags of the caller that a second person approved, with evidence, and that still hold."),
    "decoy": Field("flag", "The decoy is switched on; else it is off, as it is until somebody answers for it."),
    "load": Field(
        "table",
        "The live line: { 'sales.free' = 0, 'sales.pressure' = 'busy', 'anna.free' = true }, also "
        "waiting, longest_wait and expected_wait of queues; what is left out is unknown.",
    ),
}

SECTIONS: dict[str, Section] = {
    "policy": Section("one", "The policy itself.", {
        "name": Field("name", "Shown with a version in every decision.", required=True),
        "timezone": Field("timezone", "Time zone of weekday, hour, time, and of schedules that name none; else UTC."),
        "languages": Field("languages", "Languages with greetings; the first is spoken to everybody else."),
        "bonus_limit": Field("duration", "Most that all bonuses together can add; else 15m."),
        "preempt_talking": Field("flag", "Whether a conversation may be ended for a class that pre-empts; else false."),
    }),
    "decoy": Section("one", "The decoy branch; whether it is on is said by `asterisk-router decoy`, never here.", {
        "tags": Field("names", "Tags by which it may be chosen, once approved; else competitor."),
        "escape_share": Field("whole", "Percent of its uses that end with a person, above which it is switched off; "
                              "else 20, at most 50."),
        "escape_uses": Field("whole", "Uses before that share is looked at; else 10, at most 100."),
    }),
    "numbering": Section("one", "How numbers are written here.", {
        "country": Field("text", "ISO 3166 country in which national numbers are read."),
        "international_prefixes": Field("texts", "Digits before a country code, where not the country's usual ones."),
        "trunk_prefix": Field("text", "Digit before a national number, where not the country's usual one."),
        "internal": Field("texts", "Extensions, as Asterisk patterns: '_1XX'."),
        "short": Field("texts", "Short numbers, as Asterisk patterns."),
        "emergency": Field("texts", "Emergency services that may call back, as Asterisk patterns."),
        "withheld": Field("texts", "Words that stand for a number not shown, besides the usual ones."),
        "trunks": Field("table", "By trunk: strip_prefix, strip_digits, prepend, country."),
    }),
    "branches": Section("named", "Extensions of the dialplan's branches context; left out: those of the templates.", {
        "meaning": Field("text", "What happens there."),
    }),
    "queues": Section("named", "Queues of Asterisk; left out: those of the templates.", {
        "meaning": Field("text", "Who answers it."),
        "asterisk": Field("token", "Its name in Asterisk, where that is another: '400'."),
        "wrap_up": Field("duration", "Pause of an agent after a call (wrapuptime of queues.conf): Asterisk does not "
                         "tell it."),
        "handling_time": Field("duration", "How long a call with its wrap-up takes, until that is learned."),
        "busy_from": Field("duration", "Expected wait from which its pressure is busy; else 30s."),
        "overloaded_from": Field("duration", "Expected wait from which it is overloaded; else 2m."),
        "value_bar": Field("tables", "The longer the expected wait, the more value it takes to be queued at once: "
                           "[{ wait = '30s', value = 500 }, { wait = '2m', value = 3000 }]."),
        "skills": Field("table", "By skill: { max_penalty = 3 }, { min_penalty = 1 }, { queue = 'sales-de' }."),
    }),
    "agents": Section("named", "People who answer.", {
        "name": Field("text", "Name."),
        "desk": Field("token", "Interface rung first: 'PJSIP/anna'.", required=True),
        "mobile": Field("token", "Interface rung next: 'PJSIP/+421905550123@trunk'."),
        "languages": Field("languages", "Languages spoken."),
        "skills": Field("names", "Skills."),
    }),
    "holidays": Section("named", "Lists of holidays.", {
        "dates": Field("dates", "'2026-04-03', or '12-24' for every year.", required=True),
    }),
    "schedules": Section("named", "When somebody is there.", {
        "open": Field("hours", "'mon-fri 08:00-18:00', past midnight 'fri 22:00-06:00', or 'always'.", required=True),
        "timezone": Field("timezone", "Time zone of the hours; else the policy's."),
        "closed": Field("dates", "Dates on which it stays closed."),
        "holidays": Field("name", "List of holidays on which it stays closed.", refers="holidays"),
    }),
    "lines": Section("named", "Numbers of the house that callers dial.", {
        "kind": Field("name", "What it is for: 'incident', 'advertising', 'office'."),
        "project": Field("name", "Client for whom it is answered.", refers="projects"),
        "campaign": Field("name", "Campaign that advertises it."),
        "language": Field("language", "Language spoken on it."),
        "open": Field("name", "Schedule by which it is staffed.", refers="schedules"),
        "also": Field("texts", "Other ways in which the trunk writes it: ['0550000', '5550000']."),
    }),
    "trunks": Section("named", "Where calls come in: endpoints of pjsip.conf, as `CHANNEL(endpoint)` names them.", {
        "meaning": Field("text", "Whose it is."),
        "screens": Field("flag", "Whether its carrier lets only numbers through that are the caller's, and "
                         "asserts them: such a number is E2; else false."),
    }),
    "trust": Section("one", "How far a number must be believed for each privilege; below, the caller gets what a "
                     "stranger gets.", {
        "incident": Field("trust", "To go before everyone as an incident; else E0."),
        "head_start": Field("trust", "To get more head start than a stranger, and to pre-empt; else E1, which is the "
                            "least."),
        "names": Field("trust", "To hear a greeting that tells who they are, to have the card shown, and a screen name "
                       "without a tilde; else E3, at least E1."),
        "mobile": Field("trust", "To have the agent's mobile rung, the desk rings all the same; else E3, at least E1."),
        "decoy": Field("trust", "To be sent to the decoy; else E2, which is the least."),
        "claimed_share": Field("whole", "Percent of those waiting in a queue who may stand there with more head start "
                               "than a stranger at less than E2; else 50. 100: no bound, and nobody asks the line."),
        "incidents_per_number": Field("whole", "Incidents an hour from one number below E2 that go before everyone; "
                                      "else 6. 0: no bound."),
        "incidents_per_line": Field("whole", "The same of one line; else 60."),
    }),
    "projects": Section("named", "Clients, each with rules of its own, tried before those of the house.", {
        "meaning": Field("text", "Who the client is."),
        "default": Field("name", "Class of its calls that only the house's default matches.", refers="classes"),
        "classify": Field("table", "Its own `[[projects.NAME.classify]]`."),
        "treat": Field("table", "Its own `[[projects.NAME.treat]]`."),
        "bonus": Field("table", "Its own `[[projects.NAME.bonus]]`."),
    }),
    "classes": Section("named", "Classes of callers and what each gets.", {
        **TREATMENT, "branch": TREATMENT["branch"]._replace(required=True),
        "protected": Field("flag", "Never asked to yield, never under a value bar; always so for the branches "
                           "incident, inspector and complaint."),
        "preempts": Field("flag", "When no agent is free, somebody of a class that yields makes room; else false."),
        "yields": Field("yields", "Makes room for a class that pre-empts: 'no' (unless said), 'waiting' callers are "
                        "offered a call-back, 'talking' ones too (needs preempt_talking)."),
    }),
    "call_backs": Section("one", "How missed calls are called back.", {
        "open": Field("name", "Schedule within which call-backs are dialled.", refers="schedules"),
        "attempts": Field("whole", "How often one is tried; else 3."),
        "pause": Field("duration", "Between two attempts; else 15m."),
        "expire": Field("duration", "An entry is closed so long after the last missed call; else 3d."),
        "dial": Field("flag", "Whether the router dials them when an agent is free; else people do."),
    }),
    "reserve": Section("list", "Agents who help out in a queue.", {
        "name": Field("name", "What people call it.", required=True),
        "queue": Field("name", "Queue they are pulled into.", required=True, refers="queues"),
        "agents": Field("texts", "Who: names of [agents].", required=True, refers="agents"),
        "when": Field("when", "Pulls them in; asks the live line and the clock only. Left out: by command only."),
        "until": Field("when", "Releases them; left out: when `when` definitely does not hold."),
        "ask": Field("flag", "Whether each agent is rung first and must accept; else false."),
    }),
    **RULE_SECTIONS,
    "test": Section("list", "Run at every load; one that fails refuses the policy.", _TEST),
}  # fmt: skip
"""In the order of the document."""

BAR_STEP = {
    "wait": Field("duration", "Expected wait from which the step holds.", required=True),
    "value": Field("whole", "Least value of a caller who is queued at once.", required=True),
}
"""One step of `value_bar`."""

SKILL = {
    "max_penalty": Field("whole", "Greatest penalty of the queue members rung."),
    "min_penalty": Field("whole", "Least penalty of the queue members rung."),
    "queue": Field("name", "Queue of those who have the skill.", refers="queues"),
}
"""One of `skills`."""

TEMPLATE_BRANCHES = (
    "sales", "sales-info", "account-manager", "support", "incident", "complaint", "reception", "inspector",
    "callback", "staff-family", "problem", "decoy", "default",
)  # fmt: skip
"""Branches of the shipped dialplan templates: those of a policy that names none."""

PUTS_OFF = "callback"
"""The branch of the templates in which nobody waits for a person: a call-back is promised, and the call ends."""

TEMPLATE_QUEUES = ("sales", "support", "incident", "complaint", "reception")
"""Queues of the shipped dialplan templates: those of a policy that names none."""

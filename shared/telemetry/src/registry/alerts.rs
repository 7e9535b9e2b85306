//! Who is told of what, and what they do then.

use serde::Serialize;

use super::{
    Metric, Tier,
    metrics::{CHECKS_LATE, DENIALS, ERRORS, INVOCATIONS},
    objectives::TIERS,
};

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Somebody gets up.
    Page,
    /// Somebody looks on the next working day.
    Ticket,
}

/// What an alert has one policy for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The mesh as a whole.
    Mesh,
    /// Each function.
    Function,
    /// Each push subscription.
    Subscription,
    /// Each schedule.
    Heartbeat,
}

/// When somebody is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// A function spends its error budget too fast.
    Burns(&'static Tier),
    /// A line with a name was written more often than that.
    Happened {
        /// The fact's name.
        fact: &'static str,
        /// How often is all right.
        more_than: u32,
        /// In which time.
        window_seconds: u32,
    },
    /// A metric counted more than that.
    Counted {
        /// The metric.
        metric: &'static Metric,
        /// Only this outcome, if one is named.
        outcome: Option<&'static str>,
        /// How many are all right.
        more_than: u32,
        /// In which time.
        window_seconds: u32,
    },
    /// 99 of 100 values of a metric were above that, and for how long.
    Late {
        /// The metric.
        metric: &'static Metric,
        /// What is all right.
        more_than_ms: u32,
        /// How long it may be more.
        for_seconds: u32,
    },
    /// A schedule did nothing for two of its periods.
    Silent,
    /// The oldest message of a subscription is older than that.
    Waits {
        /// What is all right.
        more_than_seconds: u32,
    },
    /// A subscription gave a message up.
    GivenUp {
        /// In which time.
        window_seconds: u32,
    },
}

impl Condition {
    /// Returns what there is one policy for.
    #[must_use]
    pub fn target(&self) -> Target {
        match self {
            Self::Burns(_) => Target::Function,
            Self::Silent => Target::Heartbeat,
            Self::Waits { .. } | Self::GivenUp { .. } => Target::Subscription,
            Self::Happened { .. } | Self::Counted { .. } | Self::Late { .. } => Target::Mesh,
        }
    }
}

/// What to do about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runbook {
    /// What is wrong, and for whom.
    pub means: &'static str,
    /// Where to look, in order.
    pub look: &'static [&'static str],
    /// What to do, in order.
    pub act: &'static [&'static str],
}

/// One alert.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alert {
    /// The name, as it stands in Terraform and in the runbook.
    pub id: &'static str,
    /// What is wrong, in a line.
    pub title: &'static str,
    /// How urgent it is.
    pub urgency: Urgency,
    /// When somebody is told.
    pub condition: Condition,
    /// What to do.
    pub runbook: Runbook,
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;

/// A page or a ticket for one name.
const fn happened(fact: &'static str) -> Condition {
    Condition::Happened { fact, more_than: 0, window_seconds: 5 * MINUTE }
}

const BURN_LOOK: &[&str] = &[
    "The dashboard's row of the function: which outcome rises, of which trigger, since when.",
    "`severity>=WARNING AND labels.mesh_module=\"<function>\"` in the log: `code` and the message say why.",
    "One line's trace: everything that happened because of the same request, in all functions.",
    "The revisions of the service: did it begin with one?",
];
const BURN_ACT: &[&str] = &[
    "If it began with a revision, send the traffic back to the one before it.",
    "If `code` is UNAVAILABLE or DEADLINE_EXCEEDED, look at what the function needs: Firestore, Pub/Sub, the functions it calls.",
    "Nothing is lost meanwhile: deliveries come again, and what is given up is in `dead_letters` and can be replayed.",
];

/// Every alert.
pub const ALERTS: &[Alert] = &[
    Alert {
        id: "budget-fast",
        title: "A function fails so fast that its month's budget is gone in two days",
        urgency: Urgency::Page,
        condition: Condition::Burns(&TIERS[0]),
        runbook: Runbook {
            means: "One in seventy invocations of the function or more has failed for an hour, or all of them for a minute, and they still do.",
            look: BURN_LOOK,
            act: BURN_ACT,
        },
    },
    Alert {
        id: "budget-medium",
        title: "A function fails so fast that its month's budget is gone in five days",
        urgency: Urgency::Page,
        condition: Condition::Burns(&TIERS[1]),
        runbook: Runbook {
            means: "Six in a thousand invocations of the function or more have failed for six hours, and they still do.",
            look: BURN_LOOK,
            act: BURN_ACT,
        },
    },
    Alert {
        id: "budget-slow",
        title: "A function spends its budget faster than it comes back",
        urgency: Urgency::Ticket,
        condition: Condition::Burns(&TIERS[2]),
        runbook: Runbook {
            means: "More than one in a thousand invocations of the function has failed for three days, and they still do.",
            look: BURN_LOOK,
            act: &[
                "Find the commonest `code` and message, and mend that.",
                "If the failures are somebody else's and stay, lower the objective in the registry rather than ignore the alert.",
            ],
        },
    },
    Alert {
        id: "schedule-silent",
        title: "A schedule has done nothing for two of its periods",
        urgency: Urgency::Page,
        condition: Condition::Silent,
        runbook: Runbook {
            means: "The safety net that the trigger is does not run: what events missed stays missed, and elevations, overrides or audits do not end or begin.",
            look: &[
                "The Scheduler job `<function>-<trigger>`: is it paused, and what did its last attempts get?",
                "`jsonPayload.trigger=\"<trigger>\"` in the log: is it refused (401, 403), does it fail, or is nothing there?",
            ],
            act: &[
                "Resume the job, or run it once by hand; one run does the work of all that were missed.",
                "If it is refused, `terraform plan` shows which right is gone.",
            ],
        },
    },
    Alert {
        id: "backlog",
        title: "Messages wait for more than ten minutes",
        urgency: Urgency::Page,
        condition: Condition::Waits { more_than_seconds: 10 * MINUTE },
        runbook: Runbook {
            means: "The subscription's function is too slow, has no free instance, or answers each delivery with an error.",
            look: &[
                "The dashboard's row of the function: does it fail, or does it take long?",
                "Its instances: are they at the maximum that its manifest allows?",
            ],
            act: &[
                "If it fails, act as for `budget-fast`.",
                "If it is at its maximum, raise `instances.max` in the function's manifest and apply.",
            ],
        },
    },
    Alert {
        id: "transport-gave-up",
        title: "A subscription gave messages up",
        urgency: Urgency::Ticket,
        condition: Condition::GivenUp { window_seconds: 5 * MINUTE },
        runbook: Runbook {
            means: "A delivery failed as often as its subscription tries. It is on the topic `dead-letters`, and from there in `dead_letters`.",
            look: &[
                "`dead_letters` on the dashboard: function, trigger, and what its last answer was.",
            ],
            act: &[
                "Mend what made it fail, then ask for a replay of the letter.",
                "If destine-root does not take the topic in, its own alerts come first.",
            ],
        },
    },
    Alert {
        id: "dead-letters",
        title: "A delivery cannot be processed",
        urgency: Urgency::Ticket,
        condition: Condition::Counted {
            metric: &INVOCATIONS,
            outcome: Some("dead_letter"),
            more_than: 0,
            window_seconds: 5 * MINUTE,
        },
        runbook: Runbook {
            means: "A function got what it cannot read or may not do, and trying again cannot help. The delivery is kept whole.",
            look: &[
                "`jsonPayload.outcome=\"dead_letter\"` in the log: the message says what is wrong with it.",
                "`dead_letters` on the dashboard.",
            ],
            act: &["Mend the document or the publisher, then ask for a replay of the letter."],
        },
    },
    Alert {
        id: "deliveries-lost-to-attempts",
        title: "Many deliveries were given up",
        urgency: Urgency::Page,
        condition: Condition::Happened {
            fact: "delivery-given-up",
            more_than: 20,
            window_seconds: 15 * MINUTE,
        },
        runbook: Runbook {
            means: "Transports give deliveries up by the dozen: a function has refused everything for as long as its attempts last.",
            look: &[
                "`dead_letters` on the dashboard, by function: one function, or one kind of event?",
            ],
            act: &["Mend the function first; then ask for a replay of its letters, oldest first."],
        },
    },
    Alert {
        id: "errors",
        title: "Lines of severity ERROR",
        urgency: Urgency::Ticket,
        condition: Condition::Counted {
            metric: &ERRORS,
            outcome: None,
            more_than: 5,
            window_seconds: 10 * MINUTE,
        },
        runbook: Runbook {
            means: "Something happened that should not be possible. Each such line is an error report with its file and line.",
            look: &["Error Reporting, by place: which is new?"],
            act: &["It is a defect: make it a failing test, then mend it."],
        },
    },
    Alert {
        id: "panics",
        title: "A handler panicked",
        urgency: Urgency::Ticket,
        condition: Condition::Counted {
            metric: &INVOCATIONS,
            outcome: Some("panicked"),
            more_than: 0,
            window_seconds: 5 * MINUTE,
        },
        runbook: Runbook {
            means: "An assertion does not hold. The delivery comes again, and panics again unless it was chance.",
            look: &[
                "Error Reporting: the line before the outcome has the panic's file and line, and the same trace.",
            ],
            act: &[
                "It is a defect: make it a failing test, then mend it. Then replay its dead letter.",
            ],
        },
    },
    Alert {
        id: "denials",
        title: "Many callers are turned away",
        urgency: Urgency::Ticket,
        condition: Condition::Counted {
            metric: &DENIALS,
            outcome: None,
            more_than: 100,
            window_seconds: 5 * MINUTE,
        },
        runbook: Runbook {
            means: "Somebody tries tokens, or one of ours lost its right to call.",
            look: &[
                "`labels.mesh_module` of the lines: if the caller is a transport (`outcome=\"refused\"`), it is one of ours.",
                "`httpRequest.remoteIp` in Cloud Run's own log of requests: one address, or many?",
            ],
            act: &[
                "One of ours: `terraform plan` shows which right is gone.",
                "Somebody else: a rule of Cloud Armor for the address.",
            ],
        },
    },
    Alert {
        id: "keys-away",
        title: "Tokens cannot be verified much longer",
        urgency: Urgency::Page,
        condition: Condition::Happened {
            fact: "keys-unavailable",
            more_than: 5,
            window_seconds: 10 * MINUTE,
        },
        runbook: Runbook {
            means: "The issuer's keys cannot be fetched. Keys that are held serve a while longer, then everybody gets 503.",
            look: &["`jsonPayload.eventName=\"keys-unavailable\"` in the log: `url` and `error`."],
            act: &["Check the way out: egress settings of the service, then Google's status page."],
        },
    },
    Alert {
        id: "log-broken",
        title: "The audit log was altered",
        urgency: Urgency::Page,
        condition: happened("log-broken"),
        runbook: Runbook {
            means: "Entries, tiles or checkpoints are not what was signed, or the locked bucket has others. Somebody wrote around the sealer.",
            look: &[
                "`jsonPayload.eventName=\"log-broken\"` in the log: what does not agree. `copy:` is what the bucket has.",
                "`log_checks` for the whole list; `audit verify` against the locked bucket, from another machine.",
            ],
            act: &[
                "Do not repair anything: it is evidence. Take the data-access audit logs of Firestore for the time since the last good replay.",
                "Take away every right to write that is not a function's, and treat it as an intrusion.",
            ],
        },
    },
    Alert {
        id: "log-archive-late",
        title: "The audit log has not been copied for an hour",
        urgency: Urgency::Ticket,
        condition: happened("log-archive-late"),
        runbook: Runbook {
            means: "Records are sealed all the same, but the locked bucket does not have the newest of them: until it does, the database has the only ones.",
            look: &[
                "`log_archives/<bucket>`: since when passes fail, why, and how far the copy is.",
                "`jsonPayload.message:\"the log is not copied\"` in the log of audit-engine: `error` has every cause.",
            ],
            act: &[
                "403 or 404: audit-engine's roles on the bucket, and `AUDIT_BUCKET`; `terraform plan` shows what is gone. 400 with a key in it: the agent of Cloud Storage lacks the key of the bucket.",
                "Otherwise Google's status page. What is missing is copied by the next pass that gets through.",
            ],
        },
    },
    Alert {
        id: "history-split",
        title: "Two histories of the audit log",
        urgency: Urgency::Page,
        condition: happened("history-split"),
        runbook: Runbook {
            means: "The witness was shown a checkpoint that does not continue the last one it signed. Either the log was rewritten, or somebody else signs with its key.",
            look: &["The witness's line, and the log's last checkpoints in `log_checkpoints`."],
            act: &["As for `log-broken`; then make a new signing key."],
        },
    },
    Alert {
        id: "checkpoint-refused",
        title: "The witness does not cosign",
        urgency: Urgency::Page,
        condition: happened("checkpoint-refused"),
        runbook: Runbook {
            means: "Checkpoints lack the signature that whoever verifies them asks for.",
            look: &["`jsonPayload.eventName=\"checkpoint-refused\"`: the witness's answer."],
            act: &[
                "401 or 403: the engine's right to call the witness, or the keys of the two, do not agree.",
                "Otherwise as for `history-split`.",
            ],
        },
    },
    Alert {
        id: "witness-away",
        title: "Checkpoints have had no witness for an hour",
        urgency: Urgency::Ticket,
        condition: Condition::Happened {
            fact: "checkpoint-unwitnessed",
            more_than: 10,
            window_seconds: HOUR,
        },
        runbook: Runbook {
            means: "The log is sealed all the same, and its newest checkpoints have one signature fewer.",
            look: &["The witness's row on the dashboard; its log."],
            act: &["Mend the witness; the next checkpoint covers all before it."],
        },
    },
    Alert {
        id: "glass-broken",
        title: "Somebody broke glass",
        urgency: Urgency::Page,
        condition: happened("glass-broken"),
        runbook: Runbook {
            means: "An admin made themselves owner for an hour, without anybody's consent. That is allowed, and everybody hears of it.",
            look: &[
                "The line's `person` and `grant`; the grant's reason; the journal of what they did since.",
            ],
            act: &[
                "Ask the person, by another way than the mesh.",
                "If it was not they: end the grant, shut the account out, and read their journal.",
            ],
        },
    },
    Alert {
        id: "control-unproven",
        title: "A control was written by nobody who may",
        urgency: Urgency::Page,
        condition: happened("control-unproven"),
        runbook: Runbook {
            means: "A document in `controls` says what no override says. Functions take it for halted until destine-root has written it anew.",
            look: &["The line's `control`; data-access audit logs of Firestore for that document."],
            act: &[
                "Find who wrote it and take the right away. The control repairs itself within a minute.",
            ],
        },
    },
    Alert {
        id: "controls-incomplete",
        title: "Audits leave a control out",
        urgency: Urgency::Ticket,
        condition: happened("controls-incomplete"),
        runbook: Runbook {
            means: "A control of the estate cannot be read, so that audits say nothing about what it is for.",
            look: &["The line names the control and the mistake."],
            act: &["Mend the control's expression and deploy."],
        },
    },
    Alert {
        id: "estate-suspicious",
        title: "The estate's listing is too small to be believed",
        urgency: Urgency::Ticket,
        condition: happened("estate-suspicious"),
        runbook: Runbook {
            means: "Cloud Asset Inventory listed so much less than before that nothing was removed from the estate.",
            look: &["The listing's figures in the line; the rights of the audit engine's account."],
            act: &[
                "If the estate did shrink so, remove the assets by an import; otherwise give the right back.",
            ],
        },
    },
    Alert {
        id: "results-lost",
        title: "Results of checks were lost",
        urgency: Urgency::Ticket,
        condition: happened("results-lost"),
        runbook: Runbook {
            means: "Some results of checks could not be written. States and incidents are written apart, and are right.",
            look: &["The line's error: usually Firestore, away or too busy."],
            act: &["Nothing, if it was once. Otherwise as for `budget-fast` of destine-root."],
        },
    },
    Alert {
        id: "checks-late",
        title: "Checks of services run late",
        urgency: Urgency::Ticket,
        condition: Condition::Late {
            metric: &CHECKS_LATE,
            more_than_ms: 5_000,
            for_seconds: 10 * MINUTE,
        },
        runbook: Runbook {
            means: "An instance of destine-root does not keep up, so that outages are noticed later.",
            look: &["How many checks there are, and how many of them wait for their timeout."],
            act: &["Give destine-root more CPU in its manifest, or check less often."],
        },
    },
    Alert {
        id: "incident-escalated",
        title: "Nobody acknowledged an incident",
        urgency: Urgency::Page,
        condition: happened("incident-escalated"),
        runbook: Runbook {
            means: "An incident of the estate was not acknowledged in its time.",
            look: &["The line's `incident`; the dashboard shows its checks and its story."],
            act: &["Acknowledge it on the dashboard, then mend what it is about."],
        },
    },
    Alert {
        id: "sweep-incomplete",
        title: "Elevations or accounts were left out of the sweep",
        urgency: Urgency::Page,
        condition: Condition::Happened {
            fact: "sweep-incomplete",
            more_than: 3,
            window_seconds: 10 * MINUTE,
        },
        runbook: Runbook {
            means: "Rights end by the clock all the same; what is late is the picture of them, and shutting accounts.",
            look: &["The line names the document, or the account."],
            act: &[
                "Mend the document. If Firebase Authentication refuses, look at iam-control's rights.",
            ],
        },
    },
    Alert {
        id: "start-refused",
        title: "A function cannot start",
        urgency: Urgency::Page,
        condition: happened("start-refused"),
        runbook: Runbook {
            means: "A new revision's configuration is wrong. The old one serves on while it has instances.",
            look: &["The line lists every mistake at once."],
            act: &[
                "Send the traffic back to the revision before it, mend the manifest or the secret, apply.",
            ],
        },
    },
    Alert {
        id: "left-in-flight",
        title: "Instances leave with work in flight",
        urgency: Urgency::Ticket,
        condition: Condition::Happened {
            fact: "stopped-early",
            more_than: 3,
            window_seconds: HOUR,
        },
        runbook: Runbook {
            means: "Work takes longer than an instance has for leaving. Deliveries come again; requests of people were cut off.",
            look: &["Which trigger's `durationMs` is near ten seconds."],
            act: &["Make its steps smaller."],
        },
    },
];

/// Finds an alert by its name.
#[must_use]
pub fn named(id: &str) -> Option<&'static Alert> {
    ALERTS.iter().find(|alert| alert.id == id)
}

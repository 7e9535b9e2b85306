use super::*;

const RULES: Rules =
    Rules { fire_after: 2, clear_after: 2, interval: SignedDuration::from_secs(60) };

fn at(turn: i64) -> Timestamp {
    jiff::Timestamp::from_second(1_790_000_000 + 60 * turn).expect("in range").into()
}

/// Plays results, one an interval: `.` good, `~` slow, `x` bad, `-` none. Returns a letter
/// for each condition, and the turns at which it fired (`!`) and recovered (`?`).
fn play(rules: &Rules, text: &str) -> (String, Vec<(char, i64)>) {
    let (mut memory, mut states, mut signals) = (Memory::default(), String::new(), Vec::new());
    for (turn, letter) in (0..).zip(text.chars()) {
        let verdict = match letter {
            '.' => Some(Verdict::Good),
            '~' => Some(Verdict::Slow),
            'x' => Some(Verdict::Bad),
            _ => None,
        };
        let (next, signal) = match verdict {
            Some(verdict) => memory.observe(rules, Sample { verdict, at: at(turn) }),
            None => (memory.without_news(rules, at(turn)), None),
        };
        memory = next;
        states.push(match memory.condition {
            Condition::Unknown => '-',
            Condition::Up => 'U',
            Condition::Degraded => 'g',
            Condition::Down => 'D',
            Condition::Flapping => 'F',
        });
        match signal {
            Some(Signal::Fired) => signals.push(('!', turn)),
            Some(Signal::Recovered) => signals.push(('?', turn)),
            None => {}
        }
    }
    (states, signals)
}

fn states(text: &str) -> String {
    play(&RULES, text).0
}

#[test]
fn results_in_a_row_decide() {
    for (results, wanted) in [
        (".", "U"),
        ("x", "-"),
        ("xx", "-D"),
        (".x.x", "UUUU"),
        (".xx", "UUD"),
        (".xx.x", "UUDDD"),
        (".xx..", "UUDDU"),
        (".~~", "UUg"),
        (".~~.~..", "UUggggU"),
        ("~", "g"),
        (".xx~~", "UUDDg"),
        // Slow is not bad.
        (".~x~x~", "UUUUUU"),
    ] {
        assert_eq!(states(results), wanted, "{results}");
    }
}

#[test]
fn counts_to_fire_and_to_clear_are_their_own() {
    let rules = Rules { fire_after: 3, clear_after: 4, ..RULES };
    assert_eq!(play(&rules, ".xxx...."), ("UUUDDDDU".into(), vec![('!', 3), ('?', 7)]));
    let hasty = Rules { fire_after: 1, clear_after: 1, ..RULES };
    assert_eq!(play(&hasty, ".x."), ("UDU".into(), vec![('!', 1), ('?', 2)]));
}

#[test]
fn silence_is_unknown_and_never_up() {
    assert_eq!(states("....---"), "UUUUUUU");
    assert_eq!(states("....----"), "UUUUUUU-");
    assert_eq!(states("----"), "----");
    // What was down is unknown, has not recovered, and needs its row to recover.
    let (states, signals) = play(&RULES, ".xx----..");
    assert_eq!((states.as_str(), signals), ("UUDDDD--U", vec![('!', 2), ('?', 8)]));
    // Failures before and after a silence are not in a row.
    assert_eq!(play(&RULES, ".x----x").1, []);
}

#[test]
fn a_flapping_check_fires_once_and_recovers_once() {
    let calm = ".".repeat(20);
    let (states, signals) = play(&RULES, &format!("{calm}x.x.x.x.x.x{calm}."));
    assert_eq!(signals, [('!', 25), ('?', 51)]);
    assert_eq!(&states[25..51], "F".repeat(26));
    // From down to flapping and back to down is no news.
    let (states, signals) = play(&RULES, &format!("{calm}xx.x.x.x.{}", "x".repeat(30)));
    assert_eq!(signals, [('!', 21)]);
    assert!(states.contains("DF") && states.ends_with("FD".trim_start_matches('F')), "{states}");
}

#[test]
fn a_result_that_comes_late_changes_nothing() {
    let (memory, _) =
        Memory::default().observe(&RULES, Sample { verdict: Verdict::Good, at: at(5) });
    for turn in [4, 5] {
        let late = Sample { verdict: Verdict::Bad, at: at(turn) };
        assert_eq!(memory.observe(&RULES, late), (memory, None));
    }
}

/// A generator of noise that gives everybody the same trace.
/// Source: <https://prng.di.unimi.it/splitmix64.c>.
struct Noise(u64);

impl Noise {
    /// Returns a number from -1 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((mixed ^ mixed >> 31) >> 32).expect("32 bits");
        f64::from(top) / f64::from(u32::MAX) * 2.0 - 1.0
    }
}

/// A measurement that goes up and down around its threshold for 10,000 results, between
/// two calm times.
fn trace(period: f64, noise: f64, seed: u64) -> String {
    let mut random = Noise(seed);
    let noisy = (0..10_000).map(|turn| {
        let value =
            (f64::from(turn) / period * std::f64::consts::TAU).sin() + noise * random.next();
        if value > 0.0 { 'x' } else { '.' }
    });
    let calm = ".".repeat(50);
    calm.chars().chain(noisy).chain(calm.chars()).collect()
}

/// How often it would fire if each result were believed.
fn naive(trace: &str) -> usize {
    trace.matches(".x").count()
}

#[test]
fn ten_thousand_results_around_the_threshold_fire_once_and_recover_once() {
    let rules = Rules { fire_after: 3, clear_after: 10, ..RULES };
    let traces = (0..20)
        .map(|seed| trace(50.0, 8.0, seed))
        .chain([4.0, 5.0, 6.0].map(|period| trace(period, 0.0, 0)))
        .chain((0..5).map(|seed| trace(6.0, 0.5, seed)));
    for (number, trace) in traces.enumerate() {
        assert!(naive(&trace) > 1000, "{}", naive(&trace));
        let (_, signals) = play(&rules, &trace);
        let kinds: String = signals.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, "!?", "trace {number}: {signals:?}");
        assert!(signals[1].1 >= 10_050, "it recovered while it flapped: {signals:?}");
    }
}

#[test]
fn an_outage_is_seen_within_fire_after_intervals() {
    for fire_after in 1..=10 {
        for clear_after in 1..=10 {
            let rules = Rules { fire_after, clear_after, ..RULES };
            let outage = format!("{}{}", ".".repeat(30), "x".repeat(30));
            let (_, signals) = play(&rules, &outage);
            assert_eq!(signals, [('!', 29 + i64::from(fire_after))]);
        }
    }
}

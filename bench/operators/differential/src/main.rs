//! The operators' bench for Rust's differential dataflow: the same events and the same measurements as `measure.ts`.
//!
//! `differential_operators OPERATOR EVENTS RUNS` prints one JSON object: microseconds of the processor's time for one event, by run.
use differential_dataflow::VecCollection;
use differential_dataflow::input::InputSession;
use differential_dataflow::operators::{CountTotal, ThresholdTotal};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};
use timely::dataflow::ProbeHandle;

type Time = u32;
/// Key and value; all events are of one kind, which is key 0 of a group.
type Event = (u64, u64);
type Values<'scope> = VecCollection<'scope, Time, u64, isize>;

/// As in `measure.ts`.
const EVENTS_PER_RUN: u64 = 1000;
const LONGEST_RUN: Duration = Duration::from_millis(500);
const STRIDE: u64 = 7919;

fn value_at(ind: u64) -> u64 {
    (ind * 7_919_317) % 16_777_213
}

/// The answer over values in ascending order; a median is doubled, so that it is whole.
fn expected(operator: &str, sorted: &BTreeSet<u64>) -> u64 {
    let at = |position: usize| *sorted.iter().nth(position).unwrap();
    match operator {
        "max" => *sorted.last().unwrap(),
        "top" => *sorted.first().unwrap(),
        "median" => at((sorted.len() - 1) / 2) + at(sorted.len() / 2),
        _ => sorted.len() as u64,
    }
}

/// Reduces in steps of 16 values, so that a change looks at few values of its group: how Materialize keeps a maximum.
fn in_steps<'scope>(values: Values<'scope>, pick: fn(&[(&u64, isize)]) -> u64) -> Values<'scope> {
    let mut level = values.map(|value| (value.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40, value));
    for bits in [20, 16, 12, 8, 4, 0] {
        level = level
            .map(move |(bucket, value)| (bucket & ((1 << bits) - 1), value))
            .reduce(move |_, values, output| output.push((pick(values), 1)));
    }
    level.map(|(_, value)| value)
}

/// The doubled median of a group, whose values come in ascending order: nothing keeps it, so that each change looks at all of them.
fn doubled_median(values: &[(&u64, isize)]) -> u64 {
    let length: isize = values.iter().map(|(_, copies)| copies).sum();
    let at = |position: isize| {
        let mut before = 0;
        let found = values.iter().find(|(_, copies)| {
            before += copies;
            before > position
        });
        *found.unwrap().0
    };
    at((length - 1) / 2) + at(length / 2)
}

fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes into `time` alone.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [operator, size, runs] = arguments.as_slice() else {
        eprintln!("Usage: differential_operators OPERATOR EVENTS RUNS");
        std::process::exit(2);
    };
    let operator = operator.clone();
    let size: u64 = size.parse().expect("EVENTS is a whole number");
    let runs: usize = runs.parse().expect("RUNS is a whole number");

    timely::execute_directly(move |worker| {
        let mut events = InputSession::<Time, Event, isize>::new();
        let mut places = InputSession::<Time, (u64, ()), isize>::new();
        let probe = ProbeHandle::new();
        let answer = Rc::new(Cell::new(0));
        let kept = answer.clone();
        // The only row of the answer.
        let row = move |&(value, _, copies): &(u64, Time, isize)| {
            if copies > 0 {
                kept.set(value);
            }
        };
        let kept = answer.clone();
        // The number of the answer's rows.
        let rows = move |&(_, _, copies): &(u64, Time, isize)| kept.set(kept.get().strict_add_signed(copies as i64));
        worker.dataflow(|scope| {
            let values = events.to_collection(scope).map(|(_, value)| value);
            match operator.as_str() {
                "count" => values.map(|_| 0).count_total().map(|(_, count)| count as u64).inspect(row),
                "max" => in_steps(values, |values| *values.last().unwrap().0).inspect(row),
                "median" => values
                    .map(|value| (0, value))
                    .reduce(|_, values, output| output.push((doubled_median(values), 1)))
                    .map(|(_, median)| median)
                    .inspect(row),
                "distinct" => values.distinct_total().inspect(rows),
                "top" => in_steps(values, |values| *values[0].0).inspect(row),
                "join" => events
                    .to_collection(scope)
                    .map(|(ind, _)| (ind, ()))
                    .join_map(places.to_collection(scope), |ind, _, _| *ind)
                    .inspect(rows),
                other => panic!("there is no operator '{other}'"),
            }
            .probe_with(&probe);
        });

        let mut moment = 0;
        let mut settle = |events: &mut InputSession<Time, Event, isize>, places: &mut InputSession<_, _, _>| {
            moment += 1;
            events.advance_to(moment);
            events.flush();
            places.advance_to(moment);
            places.flush();
            worker.step_while(|| probe.less_than(&moment));
        };
        if operator == "join" {
            for ind in 0..size + 2 * EVENTS_PER_RUN * (runs as u64 + 1) {
                places.insert((ind, ()));
            }
        }
        let mut present = BTreeSet::new();
        for ind in 0..size {
            events.insert((ind, value_at(ind)));
            present.insert(value_at(ind));
        }
        settle(&mut events, &mut places);

        let (mut came, mut left) = (size, 0);
        // Takes events until there were enough; returns the processor's time for one.
        let mut measure = |present: &mut BTreeSet<u64>, copies: isize| {
            let (deadline, start) = (Instant::now() + LONGEST_RUN, processor_time());
            let mut inds = Vec::new();
            while (inds.len() as u64) < EVENTS_PER_RUN && Instant::now() < deadline {
                let so_far = inds.len() as u64;
                let ind = if copies > 0 { came + so_far } else { (left + so_far) * STRIDE % size };
                events.update((ind, value_at(ind)), copies);
                settle(&mut events, &mut places);
                inds.push(ind);
            }
            let spent = processor_time() - start;
            for &ind in &inds {
                if copies > 0 {
                    present.insert(value_at(ind));
                } else {
                    present.remove(&value_at(ind));
                }
            }
            *(if copies > 0 { &mut came } else { &mut left }) += inds.len() as u64;
            spent.as_secs_f64() * 1e6 / inds.len() as f64
        };
        let verify = |present: &BTreeSet<u64>| assert_eq!(answer.get(), expected(&operator, present), "{operator}");

        let coming: Vec<f64> = (0..=runs).map(|_| measure(&mut present, 1)).skip(1).collect();
        verify(&present);
        let both: Vec<_> = (0..=runs).map(|_| (measure(&mut present, -1), measure(&mut present, 1))).skip(1).collect();
        verify(&present);
        let (leaving, returning): (Vec<f64>, Vec<f64>) = both.into_iter().unzip();
        println!(r#"{{"comes":{coming:?},"leaves":{leaving:?},"comes after some left":{returning:?}}}"#);
    });
}

//! Requests that a node took out of an organisation's bucket in the database and has not spent
//! yet: a caller who asks a thousand times a second costs the database a turn or two a second.
//!
//! A node takes requests out one by one until they are asked for faster than one in half a second;
//! then twice as many each time, up to a hundredth of the minute's limit. So whatever the nodes do,
//! no minute passes more than its limit and [`most`] of it for each node, and no request is refused
//! while more than that is left. Limits below 200 a minute, all of the usual plans but the largest,
//! are exact.

use std::collections::HashMap;
use std::sync::Arc;

use crate::RateDecision;
use crate::rate::{MINUTE, interval};

/// A batch that lasted no longer than this, in microseconds, was too small.
const SHORT: i64 = 500_000;
/// A batch that lasted longer than this was too large.
const LONG: i64 = 2_000_000;

/// The most requests a node takes out at a time.
const fn most(limit: u32) -> u32 {
    if limit < 200 { 1 } else { limit / 100 }
}

/// What this node holds of each organisation's minute.
#[derive(Debug, Default)]
pub(crate) struct Hands(HashMap<i64, Hand>);

/// Of one organisation's. Moments are microseconds since 1970.
#[derive(Debug)]
struct Hand {
    limit: u32,
    /// Taken out and not spent.
    left: u32,
    /// How many to take out the next time.
    batch: u32,
    taken_at: i64,
    /// When the bucket will be full, as the database last said.
    full_at: i64,
    /// The bucket is empty until then.
    empty_until: i64,
    /// Whether more are being fetched already.
    filling: bool,
    /// Held by whoever fetches because there is nothing left, so that one does so for all.
    door: Arc<tokio::sync::Mutex<()>>,
}

/// What the node can say by itself.
#[derive(Debug)]
pub(crate) enum Spend {
    /// The decision.
    Done(RateDecision),
    /// The decision, and there is little left: so many more should be fetched.
    Refill(RateDecision, u32),
    /// The database must be asked, by whoever holds the door.
    Ask(Arc<tokio::sync::Mutex<()>>),
}

impl Hands {
    /// Spends a request of this node's, if it has one.
    pub(crate) fn spend(&mut self, organisation: i64, limit: u32, now: i64) -> Spend {
        let hand = self.hand(organisation, limit, now);
        if hand.left > 0 {
            hand.left -= 1;
            let decision = hand.decision(true, now);
            if hand.batch >= 8 && hand.left <= hand.batch / 4 && !hand.filling {
                hand.filling = true;
                return Spend::Refill(decision, hand.next_batch(now));
            }
            return Spend::Done(decision);
        }
        // Others can only have emptied the bucket further since.
        if now < hand.empty_until {
            return Spend::Done(hand.decision(false, now));
        }
        Spend::Ask(Arc::clone(&hand.door))
    }

    /// How many to fetch, for whoever holds the door.
    pub(crate) fn batch(&mut self, organisation: i64, limit: u32, now: i64) -> u32 {
        self.hand(organisation, limit, now).next_batch(now)
    }

    /// So many were taken out of the bucket, which will be full at that moment.
    pub(crate) fn taken(&mut self, organisation: i64, limit: u32, now: i64, n: u32, full_at: i64) {
        let hand = self.hand(organisation, limit, now);
        hand.left += n;
        hand.taken_at = now;
        hand.full_at = full_at;
        hand.filling = false;
    }

    /// The bucket does not have as many: only single ones are asked for from now on.
    pub(crate) fn short(&mut self, organisation: i64, limit: u32, now: i64) {
        let hand = self.hand(organisation, limit, now);
        hand.batch = 1;
        hand.filling = false;
    }

    /// The bucket has none; it will be full at that moment.
    pub(crate) fn refused(&mut self, organisation: i64, limit: u32, now: i64, full_at: i64) {
        let hand = self.hand(organisation, limit, now);
        hand.batch = 1;
        hand.filling = false;
        hand.full_at = full_at;
        hand.empty_until = full_at + interval(limit) - MINUTE;
    }

    fn hand(&mut self, organisation: i64, limit: u32, now: i64) -> &mut Hand {
        if self.0.len() > 10_000 {
            // What lay unused for a minute is worth nothing, see below.
            self.0.retain(|_, hand| now - hand.taken_at < MINUTE);
        }
        let new = || Hand {
            limit,
            left: 0,
            batch: 1,
            // The first request of all says nothing about how fast they come.
            taken_at: now - LONG,
            full_at: now,
            empty_until: 0,
            filling: false,
            door: Arc::default(),
        };
        let hand = self.0.entry(organisation).or_insert_with(new);
        if hand.limit != limit {
            // It was changed: nothing that was said under the old one counts.
            *hand = Hand { door: Arc::clone(&hand.door), ..new() };
        }
        if now - hand.taken_at >= MINUTE {
            // The bucket has filled up without these: they would come on top of it.
            hand.left = 0;
        }
        hand
    }
}

impl Hand {
    /// What is in the hand counts as being in the bucket.
    fn decision(&self, allowed: bool, now: i64) -> RateDecision {
        let held = interval(self.limit) * i64::from(self.left);
        RateDecision::new(allowed, self.limit, self.full_at - held, now)
    }

    /// Aims at a turn a second or so.
    fn next_batch(&mut self, now: i64) -> u32 {
        let lasted = now - self.taken_at;
        if lasted <= SHORT {
            self.batch = (self.batch * 2).min(most(self.limit));
        } else if lasted > LONG {
            self.batch = (self.batch / 2).max(1);
        }
        self.batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes from a bucket that never ends; how often it was asked.
    fn asked(hands: &mut Hands, limit: u32, requests: u32, apart: i64) -> u32 {
        let (mut now, mut turns) = (1_000_000, 0);
        for _ in 0..requests {
            now += apart;
            match hands.spend(1, limit, now) {
                Spend::Done(decision) => assert!(decision.allowed),
                Spend::Refill(_, n) => {
                    turns += 1;
                    hands.taken(1, limit, now, n, now);
                }
                Spend::Ask(_) => {
                    turns += 1;
                    let n = hands.batch(1, limit, now);
                    assert!(n <= most(limit));
                    hands.taken(1, limit, now, n, now);
                    assert!(matches!(hands.spend(1, limit, now), Spend::Done(_)));
                }
            }
        }
        turns
    }

    #[test]
    fn a_thousand_a_second_cost_few_turns() {
        let turns = asked(&mut Hands::default(), 1_000_000, 10_000, 1_000);
        assert!((5..60).contains(&turns), "{turns}");
    }

    #[test]
    fn the_seldom_and_the_small_are_counted_one_by_one() {
        assert_eq!(asked(&mut Hands::default(), 1_000_000, 100, 600_000), 100);
        assert_eq!(asked(&mut Hands::default(), 50, 100, 1_000), 100);
    }

    #[test]
    fn an_empty_bucket_is_remembered_until_it_has_one() {
        let mut hands = Hands::default();
        // 10 a minute: one in six seconds.
        hands.refused(1, 10, 1_000_000, 61_000_000);
        match hands.spend(1, 10, 3_000_000) {
            Spend::Done(d) => {
                assert!(!d.allowed);
                assert_eq!(d.retry_after.as_secs(), 4);
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(hands.spend(1, 10, 7_000_000), Spend::Ask(_)));
        hands.refused(1, 10, 7_000_000, 67_000_001);
        assert!(matches!(hands.spend(1, 20, 7_000_000), Spend::Ask(_)), "the limit was raised");
    }

    #[test]
    fn what_lay_for_a_minute_is_not_spent() {
        let mut hands = Hands::default();
        hands.taken(1, 1_000, 1_000_000, 10, 2_000_000);
        assert!(matches!(hands.spend(1, 1_000, 60_000_000), Spend::Done(_)));
        assert!(matches!(hands.spend(1, 1_000, 61_000_000), Spend::Ask(_)));
    }
}

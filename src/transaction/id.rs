//! The name of a transaction: the moment it began, in UTC, so that names sort as the moments do.

use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `YYYYMMDD-HHMMSS-UUUUUU` (microseconds last) for a time since the epoch.
pub(super) fn name(since_epoch: Duration) -> String {
    let moment = SignedDuration::try_from(since_epoch)
        .ok()
        .and_then(|since| Timestamp::from_duration(since).ok());
    moment
        .unwrap_or(Timestamp::MAX)
        .strftime("%Y%m%d-%H%M%S-%6f")
        .to_string()
}

/// Whether `name` has the form of an ID.
pub fn is_id(name: &str) -> bool {
    let form = b"00000000-000000-000000";
    name.len() == form.len()
        && name.bytes().zip(form).all(|(byte, form)| match form {
            b'-' => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// A name for a transaction that begins now, later than `newest` even if the clock was set back.
pub(super) fn after(newest: Option<&str>) -> String {
    let new = name(now());
    match newest {
        Some(newest) if newest >= new.as_str() => {
            let digits: String = newest.split('-').collect();
            let next = digits.parse::<u128>().map_or(0, |number| number + 1);
            let next = format!("{next:020}");
            format!("{}-{}-{}", &next[..8], &next[8..14], &next[14..])
        }
        _ => new,
    }
}

/// The time since the epoch, now.
pub(super) fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dates() {
        let named = |seconds| name(Duration::from_secs(seconds));
        assert_eq!(named(0), "19700101-000000-000000");
        assert_eq!(named(951_827_696), "20000229-123456-000000");
        assert_eq!(named(1_735_689_599), "20241231-235959-000000");
        assert!(is_id(&named(u64::MAX)));
        let late = "99991231-235959-999998";
        assert_eq!(after(Some(late)), "99991231-235959-999999");
        assert!(is_id(&name(now())));
        assert!(!is_id("20241231-235959-00000x") && !is_id("x"));
    }
}

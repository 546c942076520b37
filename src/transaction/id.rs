//! The name of a transaction: the moment it began, in UTC, so that names sort as the moments do.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `YYYYMMDD-HHMMSS-UUUUUU` (microseconds last) for a time since the epoch.
pub(crate) fn name(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let micros = since_epoch.subsec_micros();
    format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}-{micros:06}")
}

/// Whether `name` has the form of an ID.
pub(crate) fn is_id(name: &str) -> bool {
    let form = b"00000000-000000-000000";
    name.len() == form.len()
        && name.bytes().zip(form).all(|(byte, form)| match form {
            b'-' => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// A name for a transaction that begins now, later than `newest` even if the clock was set back.
pub(crate) fn after(newest: Option<&str>) -> String {
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
pub(crate) fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Year, month and day of a number of days since 1970-01-01 (Gregorian calendar; years counted from
/// March, so that the leap day is the last, in eras of 400 years).
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next, month, day)
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
        let late = "99991231-235959-999998";
        assert_eq!(after(Some(late)), "99991231-235959-999999");
        assert!(is_id(&name(now())));
        assert!(!is_id("20241231-235959-00000x") && !is_id("x"));
    }
}

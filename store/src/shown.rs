//! Names of files as people read them. What was fetched from a web server is known by its address, in which other signs than
//! plain letters are written as `%` and two digits.

/// The name of a fetched file with the signs that stand for such triples. Other names stay as they are, and so does one that is no
/// text then.
pub(crate) fn decoded(name: &str) -> String {
    // An address has no other signs than these: in the name of an attachment, "%" is one of a person.
    if !name.contains('%') || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return name.to_owned();
    }
    let mut plain = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let triple = (*first == b'%').then(|| after.split_at_checked(2)).flatten();
        let value = triple.and_then(|(digits, after)| Some((value(digits)?, after)));
        let (byte, after) = value.unwrap_or((*first, after));
        plain.push(byte);
        rest = after;
    }
    match String::from_utf8(plain) {
        Ok(plain) if !plain.chars().any(char::is_control) => plain,
        _ => name.to_owned(),
    }
}

/// The byte that two hexadecimal digits name.
fn value(digits: &[u8]) -> Option<u8> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    let [high, low] = digits else { return None };
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fetched_files_are_read_as_people_write_them() {
        for (name, expected) in [
            ("files.example/wave/KEN%20%232.xlsx", "files.example/wave/KEN #2.xlsx"),
            ("files.example/C%C3%B4te%20d%27Ivoire.xlsx", "files.example/Côte d'Ivoire.xlsx"),
            ("files.example/100%25.xlsx", "files.example/100%.xlsx"),
            ("files.example/100%.xlsx", "files.example/100%.xlsx"),
            ("files.example/%FF.xlsx", "files.example/%FF.xlsx"),
            ("files.example/%0A.xlsx", "files.example/%0A.xlsx"),
            ("uuid:1/50%20 done.xlsx", "uuid:1/50%20 done.xlsx"),
            ("files.example/KEN.xlsx", "files.example/KEN.xlsx"),
        ] {
            assert_eq!(decoded(name), expected);
        }
    }
}

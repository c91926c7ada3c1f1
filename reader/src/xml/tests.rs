//! The pieces are those of quick-xml, by which calamine reads: in honest parts, in altered ones and in crooked ones.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::pieces::{Piece, Pieces};
use super::*;
use crate::mutants::Dice;

const PART: &str = r#"<?xml version="1.0"?><!-- a > b --><w:worksheet xmlns:w='u&amp;v'><sheetData>
  <row r="1" ht = '2>1'><c r="A1" t="s"><v>12</v></c><c r="B1"/><c r="C1" t="str"><f>A1&amp;"b"&lt;&#65;</f><v>é</v></c></row>
  <is><t xml:space="preserve"> a<![CDATA[<b>]]></t></is><?go on?></sheetData ></w:worksheet>
"#;

/// The pieces up to the end, or up to what cannot be read, which is `!`.
fn ours(text: &str) -> Vec<String> {
    let mut pieces = Pieces::of(text);
    let mut all = Vec::new();
    loop {
        all.push(match pieces.next() {
            Ok(Piece::Start(element)) => {
                let attributes: Vec<_> = element.attributes().map(|read| read.map_err(|_| ())).collect();
                format!("<{} {attributes:?}", element.name)
            }
            Ok(Piece::End(name)) => format!("/{name}"),
            Ok(Piece::Text(text)) => format!("={text}"),
            Ok(Piece::Marked(text)) => format!("[{text}"),
            Ok(Piece::Reference(name)) => format!("&{name}"),
            Ok(Piece::Declaration) => "?".to_owned(),
            Ok(Piece::Aside) => "-".to_owned(),
            Ok(last @ (Piece::Type | Piece::Eof)) => return [all, vec![format!("{last:?}")]].concat(),
            Err(Malformed) => return [all, vec!["!".to_owned()]].concat(),
        });
    }
}

fn attributes<'a>(start: &'a BytesStart<'_>) -> Vec<Result<(&'a str, &'a str), ()>> {
    let mut all = Vec::new();
    for read in start.attributes().with_checks(false) {
        let Ok(read) = read else {
            all.push(Err(()));
            break;
        };
        let std::borrow::Cow::Borrowed(value) = read.value else { panic!("a copy") };
        all.push(Ok((read.key.into_inner(), value)));
    }
    all
}

fn theirs(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    let mut all = Vec::new();
    loop {
        all.push(match reader.read_event() {
            Ok(Event::Start(start)) => format!("<{} {:?}", start.name().into_inner(), attributes(&start)),
            Ok(Event::End(end)) => {
                format!("/{}", end.name().into_inner().trim_end_matches([' ', '\t', '\r', '\n']))
            }
            Ok(Event::Text(text)) => format!("={}", &*text),
            Ok(Event::CData(text)) => format!("[{}", &*text),
            Ok(Event::GeneralRef(name)) => format!("&{}", &*name),
            Ok(Event::Decl(_)) => "?".to_owned(),
            Ok(Event::Comment(_) | Event::PI(_)) => "-".to_owned(),
            Ok(Event::DocType(_)) => return [all, vec!["Type".to_owned()]].concat(),
            Ok(Event::Eof) => return [all, vec!["Eof".to_owned()]].concat(),
            Ok(Event::Empty(_)) => panic!("empty elements are expanded"),
            Err(_) => return [all, vec!["!".to_owned()]].concat(),
        });
    }
}

/// Whether the text is read to its end.
fn agree(text: &str) -> bool {
    let (ours, mut theirs) = (ours(text), theirs(text));
    // A type declaration is refused before it is read.
    if ours.last().is_some_and(|last| last == "Type") {
        theirs.pop();
        theirs.push("Type".to_owned());
    }
    assert_eq!(ours, theirs, "{text:?}");
    ours.last().is_some_and(|last| last == "Eof")
}

#[test]
fn crooked_pieces_are_told_apart_as_the_library_does() {
    assert!(agree(PART) && agree(&format!("\u{feff}{PART}")));
    for text in [
        "",
        "a",
        "<",
        "<>",
        "</>",
        "< a>",
        "<a",
        "<a/",
        "<a/>",
        "</a>",
        "<a></a></a>",
        "<a></b >",
        "<a b='>'/>",
        "<a b=\"'>\">",
        "<a b='",
        "<a/ >",
        "<a/b>",
        "<a b/>",
        "<a b=c>",
        "<a b= 'c'd = \"e\"f='g' >",
        "<a ='b'>",
        "<a ==''>",
        "<a b==''>",
        "<a \u{e9}='\u{e9}' \u{e9}>",
        "<a b='c",
        "<a b=' c>",
        "<!",
        "<!>",
        "<!-->",
        "<!--->",
        "<!---->",
        "<!-- -- -->",
        "<!- -->",
        "<![CDATA[]]>",
        "<![CDATA[",
        "<![CDATA]]>",
        "<![cdata[]]>",
        "<![",
        "<!DOCTYPE a>",
        "<!doctype a [<!ENTITY b \"c\">]>",
        "<!DOCTYPE",
        "<!D>",
        "<?",
        "<?>",
        "<??>",
        "<?a?>",
        "<?xml?>",
        "<?xmlx?>",
        "<?xml",
        "&",
        "&;",
        "&a;",
        "&a",
        "&a&b;",
        "&a<b>;",
        "a&b;c",
        "a]]>b",
        "<a>\0</a>",
    ] {
        agree(text);
    }
}

#[test]
fn elements_that_are_not_of_interest_are_passed_over_with_the_same_checks() {
    for (inside, refused) in [
        ("", false),
        ("text &amp; more<b c='>'/><a>1</a><!-- & --> &#65;", false),
        ("a & b;", false),
        ("a & b", true),
        ("a &amp b", true),
        ("<![CDATA[ & </a> ]]>", false),
        ("<!DOCTYPE b>", true),
        ("<b", true),
        ("0123456789012345678901234567890123456789", true),
    ] {
        let text = format!("<a>{inside}</a><c/>");
        let mut xml = Xml::new(text.as_bytes(), "part.xml", 32).unwrap();
        let Ok(Piece::Start(start)) = xml.next() else { panic!("no element") };
        let next = xml.skip(&start).and_then(|()| xml.next());
        match next {
            Ok(Piece::Start(next)) => assert!(!refused && next.name == "c", "{inside}"),
            other => assert!(refused && other.is_err(), "{inside}: {other:?}"),
        }
    }
    let mut xml = Xml::new(b"<a>b", "part.xml", 32).unwrap();
    let Ok(Piece::Start(start)) = xml.next() else { panic!("no element") };
    assert!(xml.skip(&start).is_err());
}

#[test]
fn altered_parts_fall_into_the_pieces_of_the_library() {
    let rounds = std::env::var("GTMI_TEST_MUTANTS").ok().and_then(|text| text.parse().ok()).unwrap_or(2000);
    let mut dice = Dice(1_129);
    let mut whole = 0;
    for _ in 0..rounds {
        let mutant = dice.mutant(PART.as_bytes());
        let letters = [b'<', b'>', b'"', b'\'', b'&', b';', b'/', b'=', b' ', b'!', b'?', b'-', b']', b'['];
        let mut mutant = String::from_utf8_lossy(&mutant).into_owned();
        let at = dice.roll(mutant.len());
        if mutant.is_char_boundary(at) {
            mutant.insert(at, char::from(letters[dice.roll(letters.len())]));
        }
        whole += usize::from(agree(&mutant));
    }
    assert!(whole > rounds / 4, "{whole} of {rounds} were read to their end");
}

#[test]
fn a_type_declaration_is_refused_before_the_first_element_only() {
    for (text, refused) in [
        ("<!DOCTYPE a>", true),
        ("\u{feff} <?xml version='1.0'?>\n<!-- > --><?go?><!doctype a [", true),
        ("<![CDATA[ ]]><!DOCTYPE a>", true),
        ("<a/><!DOCTYPE a>", false),
        ("<!-- <!DOCTYPE a>", false),
        ("<?xml <!DOCTYPE a>", false),
        ("<!D", false),
        ("no <", false),
        ("", false),
    ] {
        assert_eq!(refuse_type_declaration(text.as_bytes(), "part.xml").is_err(), refused, "{text}");
    }
    assert!(refuse_type_declaration(b"\xff\xfe <!DOCTYPE a>", "part.xml").is_err());
}

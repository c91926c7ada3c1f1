//! The global workbook of many economies, whose rows waited on the disk, beside the same one from memory.

use super::*;

#[test]
fn rows_that_waited_on_the_disk_are_the_same_cells_and_heights() {
    let mut wave = wave(testing::gtmi());
    let hurting =
        "=1+1|cmd <&> _x0041_ \"quoted\" \u{7}\u{202e} a name that takes more than one line of its cell";
    for (number, region) in (0..60).zip(["AFR", "LCR", "", "EAP"].iter().cycle()) {
        let economy = testing::economy(&format!("Q{number:02}"), &format!("{hurting} {number}"), region, "L");
        let answers = testing::answers(&wave.framework, number);
        let scores = testing::scores(&wave.framework, &economy, &answers, |_| Some(0.5));
        wave.economies.push((economy, (number % 3 > 0).then_some(scores)));
    }
    for tag in ["en", "fr"] {
        wave.long = false;
        let in_memory = wave.write(tag);
        wave.long = true;
        let on_disk = wave.write(tag);
        assert!(in_memory != on_disk, "nothing was streamed");
        // The rows of a streamed sheet do not say where their cells lie: those of the table for programs in both.
        let streamed = |workbook: &[u8], sheet: usize| {
            let name = format!("xl/worksheets/sheet{sheet}.xml");
            let sheet = testing::part(workbook, &name);
            sheet.contains("<row ") && !sheet.contains(" spans=\"")
        };
        let sheets = 1..=testing::read(&on_disk).sheets.len();
        let of = |workbook: &[u8]| sheets.clone().filter(|sheet| streamed(workbook, *sheet)).count();
        assert_eq!((of(&in_memory), of(&on_disk)), (1, 4));
        let (one, other) = (testing::read(&in_memory), testing::read(&on_disk));
        assert_eq!(one.sheets.len(), other.sheets.len());
        for (one, other) in one.sheets.iter().zip(&other.sheets) {
            assert_eq!(one, other);
        }
        for sheet in 1..=one.sheets.len() {
            let name = format!("xl/worksheets/sheet{sheet}.xml");
            let [one, other] = [&in_memory, &on_disk].map(|workbook| shapes(workbook, &name));
            let differs = one.iter().zip(&other).find(|(one, other)| one != other);
            assert_eq!(differs, None, "{name}");
            assert_eq!(one.len(), other.len(), "{name}");
        }
    }
}

/// What a sheet says beside the contents of its cells: every row and cell by its place, height and look, and all that
/// stands around them.
fn shapes(workbook: &[u8], sheet: &str) -> Vec<String> {
    let part = |name: &str| testing::part(workbook, name);
    let styles = part("xl/styles.xml");
    let list = |tag: &str, element: &str| -> Vec<String> {
        let list = styles.split_once(&format!("<{tag} ")).unwrap().1;
        let list = list.split_once(&format!("</{tag}>")).unwrap().0;
        list.split(&format!("<{element}")).skip(1).map(str::to_owned).collect()
    };
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    // The numbers of patterns depend on which sheet asked first; what they stand for does not.
    let patterns: BTreeMap<String, String> = list("numFmts", "numFmt ")
        .iter()
        .map(|tag| (attribute(tag, "numFmtId"), attribute(tag, "formatCode")))
        .collect();
    let lists = [
        ("fontId", list("fonts", "font>")),
        ("fillId", list("fills", "fill>")),
        ("borderId", list("borders", "border>")),
    ];
    let look = |format: &str| {
        let pattern = attribute(format, "numFmtId");
        let shown = patterns.get(&pattern).unwrap_or(&pattern);
        let format = format.replace(&format!("numFmtId=\"{pattern}\""), shown);
        lists.iter().fold(format, |look, (id, known)| {
            let (before, rest) = look.split_once(&format!("{id}=\"")).unwrap();
            let (number, after) = rest.split_once('"').unwrap();
            format!("{before}{id}={}{after}", known[number.parse::<usize>().unwrap()])
        })
    };
    let formats: Vec<String> = list("cellXfs", "xf ").iter().map(|format| look(format)).collect();
    let sheet = part(sheet);
    let mut all = Vec::new();
    for tag in sheet.split('<').filter(|tag| !tag.starts_with(['v', 't', 'i', '/'])) {
        let tag = tag.split('>').next().unwrap();
        if !tag.starts_with("c ") {
            // Where the cells of a row lie, and how far letters reach below their line, are hints that the rows of a
            // streamed sheet do without.
            let tag = tag.replace(" x14ac:dyDescent=\"0.25\"", "");
            let (before, rest) = tag.split_once(" spans=\"").unwrap_or((&tag, ""));
            all.push(format!("{before}{}", rest.split_once('"').map_or("", |(_, after)| after)));
            continue;
        }
        let place = tag.split('"').nth(1).unwrap();
        let format = tag.split_once(" s=\"").map_or("0", |(_, rest)| rest.split('"').next().unwrap());
        all.push(format!("{place} {}", formats[format.parse::<usize>().unwrap()]));
    }
    all
}

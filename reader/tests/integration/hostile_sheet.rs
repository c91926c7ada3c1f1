use maturity::cell::{CellValue, Span};
use maturity::finding::Problem;
use reader::{Limits, read};

use crate::package::{Package, cell, reason, sheet};

fn place(rows: &str) -> String {
    Package::with_rows(rows).read().unwrap_err().place.unwrap().to_string()
}

#[test]
fn a_reference_that_would_wrap_around_is_refused() {
    let rows = r#"<row r="2"><c r="A2"><v>1</v></c></row><row><c r="A4294967298"><v>2</v></c></row>"#;
    let why = reason(Package::with_rows(rows).read());
    assert!(why.contains("A4294967298"), "{why}");
    assert_eq!(place(rows), "Data");
}

#[test]
fn a_cell_that_is_there_twice_is_refused_by_name() {
    let rows = r#"<row r="9"><c r="D9"><v>1</v></c><c r="E9"><v>1</v></c><c r="D9"><v>2</v></c></row>"#;
    assert_eq!(reason(Package::with_rows(rows).read()), "the cell D9 is in the sheet Data twice");
    assert_eq!(place(rows), "Data!D9");
    // Styled empty cells say nothing, so they contradict nothing.
    let rows = r#"<row r="9"><c r="D9" s="1"/><c r="D9"><v>2</v></c></row>"#;
    assert_eq!(cell(&Package::with_rows(rows).read().unwrap(), "D9").value, CellValue::Number(2.0));
}

#[test]
fn what_is_no_xml_behind_the_cells_is_refused() {
    let mut package = Package::with_rows("");
    let cells = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>"#;
    for (behind, why) in [("<!-- <sheetData/>", "not well formed"), ("<sheetData/>", "two places")] {
        package.set("xl/worksheets/sheet1.xml", &format!("<worksheet>{cells}{behind}</worksheet>"));
        let told = reason(package.read());
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn a_part_that_says_that_it_is_written_otherwise_is_refused_where_that_matters() {
    let mut package = Package::with_rows("");
    let mut read = |encoding: &str, text: &str| {
        let cells = format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>"#);
        let declared = format!("<?xml version='1.0' encoding = {encoding}?>{}", sheet(&cells));
        package.set("xl/worksheets/sheet1.xml", &declared);
        package.read()
    };
    for encoding in ["\"UTF-8\"", "'utf-8'"] {
        assert_eq!(cell(&read(encoding, "été").unwrap(), "A1").value.display(), "été");
    }
    assert!(reason(read("\"windows-1252\"", "été")).ends_with("is not written in UTF-8"));
    assert_eq!(cell(&read("\"windows-1252\"", "ete").unwrap(), "A1").value.display(), "ete");
}

#[test]
fn two_values_in_one_cell_are_refused() {
    let rows = r#"<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>"#;
    assert_eq!(reason(Package::with_rows(rows).read()), "the cell A1 holds two values");
    assert_eq!(place(rows), "Data!A1");
}

#[test]
fn a_cell_that_the_library_cannot_read_is_named() {
    for cell in [
        r#"<c r="C5" t="b"><v>maybe</v></c>"#,
        r#"<c r="C5" t="s"><v>77</v></c>"#,
        r#"<c r="C5" t="z"><v>1</v></c>"#,
    ] {
        assert_eq!(place(&format!(r#"<row r="5">{cell}</row>"#)), "Data!C5");
    }
}

#[test]
fn a_type_declaration_is_refused_in_any_part() {
    for part in ["xl/worksheets/sheet1.xml", "docProps/core.xml", "xl/sharedStrings.xml"] {
        let mut package = Package::with_rows("");
        let entity = r#"<!DOCTYPE x [<!ENTITY a "b">]>"#;
        package.set(part, &format!("<?xml version=\"1.0\"?>\n{entity}{}", sheet("")));
        assert!(reason(package.read()).contains("document type declaration"), "{part}");
    }
}

#[test]
fn a_part_in_utf_16_is_refused_with_a_type_declaration_or_without_and_with_its_mark_or_without() {
    for declaration in ["", "<!DOCTYPE x [<!ENTITY a \"b\">]>"] {
        let text = format!("{declaration}{}", sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#));
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for content in
            [[b"\xFF\xFE", little.as_slice()].concat(), [b"\xFE\xFF", big.as_slice()].concat(), little, big]
        {
            let mut package = Package::with_rows("");
            package.set("xl/worksheets/sheet1.xml", "");
            package.parts.last_mut().unwrap().1.clone_from(&content);
            let start = &content[..4];
            assert!(package.read().is_err(), "{declaration}, {start:?}");
        }
    }
}

#[test]
fn cells_with_a_value_are_counted_and_styled_empty_ones_are_not() {
    let row = |content: &str| format!("<c{content}").repeat(20);
    let limits = Limits { cells: 10, ..Limits::default() };
    let full = Package::with_rows(&format!("<row r=\"1\">{}</row>", row("><v>1</v></c>")));
    assert_eq!(reason(read(&full.bytes(), &limits)), "too many cells with content");
    let styled = Package::with_rows(&format!("<row r=\"1\">{}</row>", row(" s=\"1\"/>")));
    assert!(read(&styled.bytes(), &limits).is_ok());
    let corner = Package::with_rows(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#,
    );
    assert_eq!(corner.read().unwrap().sheets[0].cells.len(), 2);
}

#[test]
fn long_and_often_repeated_texts_are_refused() {
    let limits = Limits { text_bytes: 5000, all_text_bytes: 20_000, ..Limits::default() };
    let mut package = Package::with_rows(&format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(10)));
    package.set("xl/sharedStrings.xml", &format!("<sst><si><t>{}</t></si></sst>", "x".repeat(4000)));
    assert_eq!(reason(read(&package.bytes(), &limits)), "too much text in its cells");
    package.set("xl/sharedStrings.xml", &format!("<sst><si><t>{}</t></si></sst>", "x".repeat(6000)));
    assert!(reason(read(&package.bytes(), &limits)).starts_with("a single piece of"));
    let pieces = "<r><t>0123456789</t></r>".repeat(600);
    package.set("xl/sharedStrings.xml", &format!("<sst><si>{pieces}</si></sst>"));
    assert_eq!(reason(read(&package.bytes(), &limits)), "6 KiB in one cell");
}

#[test]
fn sheets_that_share_a_name_or_content_are_refused() {
    let mut package = Package::with_rows("");
    let two = |first: &str, second: &str| {
        format!(r#"<sheets><sheet name="{first}" r:id="s1"/><sheet name="{second}" r:id="s1"/></sheets>"#)
    };
    package.set_workbook(&two("A", "a"));
    assert_eq!(reason(package.read()), "two sheets have the same name: a");
    package.set_workbook(&two("A", "B"));
    assert_eq!(reason(package.read()), "two sheets share one content");
    package.set_workbook(r#"<sheets><sheet name="A" r:id="s7"/></sheets>"#);
    assert_eq!(reason(package.read()), "a sheet is listed but its content is missing");
}

#[test]
fn two_tables_of_texts_or_formats_are_refused() {
    for (kind, expected) in [
        ("sharedStrings", "the file names two tables of texts"),
        ("styles", "the file names two tables of formats"),
    ] {
        let mut package = Package::with_rows("");
        let (_, relations) =
            package.parts.iter().find(|(name, _)| name == "xl/_rels/workbook.xml.rels").unwrap();
        let another = format!(r#"<Relationship Id="x" Type="o/{kind}" Target="other.xml"/></Relationships>"#);
        let two = str::from_utf8(relations).unwrap().replace("</Relationships>", &another);
        package.set("xl/_rels/workbook.xml.rels", &two);
        assert_eq!(reason(package.read()), expected);
    }
}

#[test]
fn a_sheet_that_breaks_off_inside_sound_packing_is_refused() {
    let whole = sheet(r#"<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>"#);
    let end = whole.find("</sheetData>").unwrap();
    for cut in 0..end {
        let mut package = Package::with_rows("");
        package.set("xl/worksheets/sheet1.xml", &whole[..cut]);
        assert!(package.read().is_err(), "cut at {cut}");
    }
}

fn ods(table: &str) -> Package {
    let mut package = Package::with_rows("");
    package.parts.clear();
    package.set("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    package.set("content.xml", &format!("<o><table:table table:name=\"T\">{table}</table:table></o>"));
    package
}

#[test]
fn repeated_ods_cells_are_written_out_only_as_far_as_the_budget_goes() {
    let value = r#"office:value-type="float" office:value="1""#;
    let table = format!(
        r#"<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="3"/>
        <table:table-cell table:number-columns-repeated="2" {value}/></table:table-row>
        <table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#
    );
    let book = ods(&table).read().unwrap();
    let found: Vec<_> = book.sheets[0].cells.iter().map(|cell| cell.address.to_string()).collect();
    assert_eq!(found, ["D1", "E1", "D2", "E2"]);

    let table = format!(
        r#"<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000" {value}/></table:table-row>"#
    );
    let small = Limits { cells: 100_000, ..Limits::default() };
    assert!(matches!(read(&ods(&table).bytes(), &small).unwrap_err().problem, Problem::FileTooLarge { .. }));
    let table = format!(
        r#"<table:table-row table:number-rows-repeated="99999999999"><table:table-cell/></table:table-row><table:table-row><table:table-cell {value}/></table:table-row>"#
    );
    assert_eq!(reason(ods(&table).read()), "a cell is outside the grid (A1 to XFD1048576)");
}

#[test]
fn ods_spaces_notes_and_errors_are_read_as_shown() {
    let table = r#"<table:table-row><table:table-cell office:value-type="string"><office:annotation><text:p>note</text:p></office:annotation><text:p>a<text:s text:c="3"/>b<text:span>&lt;c</text:span></text:p><text:p>d</text:p></table:table-cell>
        <table:table-cell calcext:value-type="error" office:value-type="string" office:string-value=""><text:p>#REF!</text:p></table:table-cell>
        <table:table-cell table:formula="of:=1"/></table:table-row>"#;
    let book = ods(table).read().unwrap();
    assert_eq!(cell(&book, "A1").value.display(), "a   b<c\nd");
    assert_eq!(cell(&book, "B1").value, CellValue::Error("#REF!".to_owned()));
    assert!(cell(&book, "C1").formula);
    let share = r#"<table:table-row><table:table-cell office:value-type="percentage" office:value="0.57"/></table:table-row>"#;
    assert_eq!(cell(&ods(share).read().unwrap(), "A1").value, CellValue::Percent(0.57));
    let bomb = r#"<table:table-row><table:table-cell office:value-type="string"><text:p><text:s text:c="9999999999"/></text:p></table:table-cell></table:table-row>"#;
    assert!(matches!(ods(bomb).read().unwrap_err().problem, Problem::FileTooLarge { .. }));
}

#[test]
fn a_raised_or_lowered_digit_of_an_ods_is_none_of_the_number_before_it() {
    let cells = [
        ("", r#"2022<text:span text:style-name="T1">1</text:span>"#, "2022\u{b9}"),
        ("", r#"CO<text:span text:style-name="T2">2</text:span> &amp; 3"#, "CO\u{2082} & 3"),
        // By name, by the style that hangs on it, and by the one around it.
        (
            "",
            r#"12<text:span text:style-name="Footnote"> <text:s/>1<text:span text:style-name="T4">0</text:span></text:span>"#,
            "12  \u{b9}\u{2070}",
        ),
        (
            "",
            r#"12<text:span text:style-name="T3">4</text:span><text:span text:style-name="T5">5</text:span>"#,
            "12\u{2074}5",
        ),
        // Back on the line, of a kind of style that is none of texts, and raised as a whole.
        (
            "",
            r#"12<text:span text:style-name="T1"><text:span text:style-name="T6">3</text:span></text:span>"#,
            "123",
        ),
        ("", r#"12<text:span text:style-name="C1">3</text:span>"#, "123"),
        (
            "",
            r#"<text:span text:style-name="T1">20</text:span><text:span text:style-name="T1">16</text:span>"#,
            "2016",
        ),
        ("", r#"1<text:span text:style-name="T1">st</text:span>"#, "1st"),
        // Some programs write the text down twice.
        (
            r#"office:string-value="20221""#,
            r#"2022<text:span text:style-name="T1">1</text:span>"#,
            "2022\u{b9}",
        ),
        (r#"office:string-value="no""#, r#"2022<text:span text:style-name="T1">1</text:span>"#, "no"),
    ];
    let style = |family: &str, name: &str, rest: &str, position: &str| {
        format!(
            r#"<style:style style:name="{name}" style:family="{family}" {rest}><style:text-properties {position}/></style:style>"#
        )
    };
    let raised = r#"style:text-position="super 58%""#;
    let own = [
        style("text", "T1", "", raised),
        style("text", "T2", "", r#"style:text-position="-33% 58%""#),
        style("text", "T3", r#"style:parent-style-name="Mark""#, ""),
        style("text", "T4", "", r#"fo:color="red""#),
        style("text", "T5", r#"style:parent-style-name="T5""#, ""),
        style("text", "T6", "", r#"style:text-position="0% 100%""#),
        style("table-cell", "C1", "", raised),
    ];
    let named = [
        style("text", "Footnote", "", raised),
        style("text", "Mark", r#"style:parent-style-name="Footnote""#, ""),
    ];
    let of_pages = style("text", "T4", "", r#"style:text-position="0% 100%""#);
    let written = cells.iter().fold(String::new(), |row, (attribute, text, _)| {
        row + &format!(r#"<table:table-cell office:value-type="string" {attribute}><text:p>{text}</text:p></table:table-cell>"#)
    });
    let mut package = ods("");
    package.set(
        "content.xml",
        &format!(
            r#"<o><office:automatic-styles>{}</office:automatic-styles><table:table table:name="T"><table:table-row>{written}</table:table-row></table:table></o>"#,
            own.concat()
        ),
    );
    package.set(
        "styles.xml",
        &format!(
            "<o><office:styles>{}</office:styles><office:automatic-styles>{of_pages}</office:automatic-styles></o>",
            named.concat()
        ),
    );
    let book = package.read().unwrap();
    let found: Vec<_> = book.sheets[0].cells.iter().map(|cell| cell.value.display()).collect();
    assert_eq!(found, cells.map(|(_, _, text)| text));
}

#[test]
fn an_ods_formula_without_a_stored_result_is_one_whatever_kind_it_names() {
    for kind in ["", "float", "date", "boolean", "percentage"] {
        let row = format!(
            r#"<table:table-row><table:table-cell table:formula="of:=A2" office:value-type="{kind}"/></table:table-row>"#
        );
        let found = cell(&ods(&row).read().unwrap(), "A1");
        assert_eq!((found.value, found.formula), (CellValue::Blank, true), "{kind}");
    }
}

#[test]
fn rows_and_columns_of_ods_groups_that_are_folded_up_are_hidden() {
    let row = "<table:table-row><table:table-cell/></table:table-row>";
    let column = "<table:table-column/>";
    let group = |of: &str, display: &str, inside: &str| {
        format!("<table:table-{of}-group{display}>{inside}</table:table-{of}-group>")
    };
    let folded = " table:display=\"false\"";
    let columns = format!("{column}{}{column}", group("column", folded, column));
    let inner = format!("{row}{}", group("row", "", row));
    let rows = format!("{}{row}{}{row}", group("row", "", row), group("row", folded, &inner));
    let view = ods(&format!("{columns}{rows}")).read().unwrap().sheets.remove(0).view;
    assert_eq!(view.hidden_columns, [Span { first: 1, last: 1 }]);
    assert!([2, 3].iter().all(|row| Span::any_contains(&view.hidden_rows, *row)), "{view:?}");
    assert!([0, 1, 4].iter().all(|row| !Span::any_contains(&view.hidden_rows, *row)), "{view:?}");
}

#[test]
fn an_ods_number_beside_which_another_text_stands_says_so() {
    for (value, shown, masked) in [
        (r#""float" office:value="2""#, "<text:p>0 - No</text:p>", true),
        (r#""float" office:value="2016""#, "<text:p/>", true),
        (r#""float" office:value="2016""#, "<text:p>2 016</text:p>", false),
        (r#""float" office:value="2016""#, "", false),
        (r#""percentage" office:value="0.57""#, "<text:p>57,0 %</text:p>", false),
        (r#""percentage" office:value="0.57""#, "<text:p>0.57</text:p>", true),
    ] {
        let row = format!(
            "<table:table-row><table:table-cell office:value-type={value}>{shown}</table:table-cell></table:table-row>"
        );
        let found = cell(&ods(&row).read().unwrap(), "A1").value;
        assert_eq!(matches!(found, CellValue::Masked(_)), masked, "{shown}: {found:?}");
    }
}

#[test]
fn what_an_ods_keeps_of_other_documents_is_none_of_its_sheets() {
    let rows = r#"<table:table-row><table:table-cell office:value-type="float" office:value="9"/></table:table-row>"#;
    let seen = r#"<table:table-source xlink:href="x.ods"/>"#;
    let mut package = ods(rows);
    package.set(
        "content.xml",
        &format!(
            "<o><table:table table:name=\"T\">{rows}</table:table>
            <table:table table:name=\"'https://files.example/x.ods'#$T\">{seen}{rows}</table:table>
            <table:table table:name=\"'u'\">{rows}</table:table>
            <table:dde-links><table:dde-link><table:table>{rows}</table:table></table:dde-link></table:dde-links></o>"
        ),
    );
    let book = package.read().unwrap();
    let names: Vec<_> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["T", "'u'"]);
}

#[test]
fn an_ods_with_other_prefixes_than_those_of_every_program_is_refused_instead_of_read_as_empty() {
    const ODF: &str = "urn:oasis:names:tc:opendocument:xmlns";
    let content = |root: &str, table: &str| {
        format!(
            r#"<office:document-content {root}><office:body><{table} table:name="T"><table:table-row><table:table-cell office:value-type="string"><text:p>Yes xmlns</text:p></table:table-cell></table:table-row></table:table></office:body></office:document-content>"#
        )
    };
    let usual = format!(
        r#"xmlns:office="{ODF}:office:1.0" xmlns:table='{ODF}:table:1.0' xmlns:text="{ODF}:text:1.0" xmlns:of="{ODF}:of:1.2""#
    );
    let read = |content: &str| {
        let mut package = ods("");
        package.set("content.xml", content);
        package.read()
    };
    let honest = content(&usual, "table:table");
    for honest in [
        honest.as_str(),
        &content("", "table:table"),
        &content(&usual, r#"table:table xmlns="http://www.w3.org/1998/Math/MathML""#),
        &content(&usual, &format!(r#"table:table xmlns:table="{ODF}:table:1.0""#)),
    ] {
        assert_eq!(cell(&read(honest).unwrap(), "A1").value.display(), "Yes xmlns", "{honest}");
    }
    for (hostile, prefix) in [
        (
            honest
                .replace("table:", "t:")
                .replace("xmlns:t:1.0", "xmlns:table:1.0")
                .replace("xmlns:table=", "xmlns:t="),
            "t",
        ),
        (content(&usual.replace("xmlns:table=", "xmlns="), "table:table"), ""),
        (content(&usual.replace("office:1.0", "office:2.0"), "table:table"), "office"),
        (content(&usual, &format!(r#"table:table xmlns:x="{ODF}:t&#101;xt:1.0""#)), "x"),
        (content(&usual, r#"table:table xmlns:text="urn:mine""#), "text"),
    ] {
        let why = format!(
            "the part content.xml gives the prefix {prefix:?} to another name space than spreadsheet programs do"
        );
        assert_eq!(reason(read(&hostile)), why, "{hostile}");
    }
    let mut package = ods("");
    package.set("content.xml", &honest);
    package.set("styles.xml", &format!(r#"<o><s:style xmlns:s="{ODF}:style:1.0"/></o>"#));
    assert!(reason(package.read()).starts_with("the part styles.xml gives the prefix"));
}

//! What hangs on cells: addresses behind their texts, notes, and text boxes.
#![expect(clippy::disallowed_methods, reason = "tests write workbooks of all kinds")]

use std::io::{Cursor, Write};

use maturity::cell::Book;
use reader::{Limits, read};
use rust_xlsxwriter::{Note, Shape, Url, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::package::Package;

fn links(book: &Book) -> Vec<String> {
    let links = &book.sheets[0].view.links;
    links.iter().map(|(address, target)| format!("{address} {target}")).collect()
}

fn notes(book: &Book) -> Vec<String> {
    let notes = &book.sheets[0].view.notes;
    notes.iter().map(|(address, text)| format!("{address} {text}")).collect()
}

/// A workbook with links of all kinds, two notes, a text box and an empty one.
fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Answers").unwrap();
    sheet.write_url_with_text(4, 1, "https://a.example/law?x=1&y=2#art. 5", "The law").unwrap();
    sheet.write(0, 0, Url::new("http://b.example")).unwrap();
    sheet.write_url_with_text(1, 0, "internal:Answers!A1", "above").unwrap();
    sheet.write_url_with_text(2, 0, "file:///c:/law.pdf", "mine").unwrap();
    sheet.write_url_with_text(3, 0, "mailto:a@b.example", "write").unwrap();
    sheet.insert_note(6, 2, &Note::new("M & Ü\nPlease look")).unwrap();
    sheet.insert_note(5, 2, &Note::new("x".repeat(3_100)).add_author_prefix(false)).unwrap();
    sheet.insert_shape(7, 3, &Shape::textbox().set_text("We mean\nÜ & 2")).unwrap();
    sheet.insert_shape(9, 3, &Shape::textbox()).unwrap();
    workbook.add_worksheet().write(0, 0, 1).unwrap();
    workbook.save_to_buffer().unwrap()
}

#[test]
fn addresses_behind_texts_and_notes_are_read() {
    let book = read(&workbook(), &Limits::default()).unwrap();
    assert_eq!(links(&book), ["A1 http://b.example", "B5 https://a.example/law?x=1&y=2#art. 5"]);
    assert_eq!(
        notes(&book),
        [
            format!("C6 {}", "x".repeat(3_000)),
            "C7 Author:\nM & Ü\nPlease look".to_owned(),
            "D8 We mean\nÜ & 2\n".to_owned()
        ]
    );
    assert_eq!(book.sheets[1].view, maturity::cell::View::default());
}

/// Reads a sheet with the cells A1 to A3 and `behind` them, with `relations` where there are any.
fn beside(behind: &str, relations: Option<&str>) -> Result<Book, String> {
    let cell = |row| format!(r#"<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>"#);
    let mut package = Package::with_rows(&[cell(1), cell(2), cell(3)].concat());
    let rows = package.parts.pop().map(|(_, content)| String::from_utf8(content).unwrap()).unwrap();
    let with = rows.replace("</sheetData>", &format!("</sheetData>{behind}"));
    package.set("xl/worksheets/sheet1.xml", &with);
    if let Some(relations) = relations {
        package.set(
            "xl/worksheets/_rels/sheet1.xml.rels",
            &format!("<Relationships>{relations}</Relationships>"),
        );
    }
    package.read().map_err(|refusal| format!("{:?}", refusal.problem))
}

fn relation(id: &str, target: &str) -> String {
    format!(r#"<Relationship Id="{id}" Type="x/hyperlink" Target="{target}" TargetMode="External"/>"#)
}

#[test]
fn a_link_of_several_cells_lies_behind_each_and_one_without_an_end_behind_none() {
    let all = [relation("r1", "https://a.example/?a=1&amp;b=2"), relation("r2", "HTTP://b.example")].concat();
    let behind = |links: &str| format!("<hyperlinks>{links}</hyperlinks>");
    let book = beside(
        &behind(
            r#"<hyperlink ref="A1:A2" r:id="r1"/><hyperlink ref="$A$3" r:id="r2" location="top"/><hyperlink ref="B1" r:id="r9"/><hyperlink ref="B2" location="Data!A1"/><hyperlink ref="XFE1" r:id="r1"/>"#,
        ),
        Some(&all),
    );
    assert_eq!(
        links(&book.unwrap()),
        ["A1 https://a.example/?a=1&b=2", "A2 https://a.example/?a=1&b=2", "A3 HTTP://b.example#top"]
    );
    // Of two behind one cell both; whole columns get one.
    let links_of = |refs: [&str; 2]| {
        let element = |(place, id): (&str, &str)| format!(r#"<hyperlink ref="{place}" r:id="{id}"/>"#);
        let both = refs.into_iter().zip(["r1", "r2"]).map(element).collect::<String>();
        let book = beside(&behind(&both), Some(&all)).unwrap();
        let link = |at: &str| book.sheets[0].view.links_behind(at.parse().unwrap()).join(" ");
        (link("A1"), link("A2"), book.sheets[0].view.links.len())
    };
    let (first, both) = ("https://a.example/?a=1&b=2", "https://a.example/?a=1&b=2 HTTP://b.example");
    assert_eq!(links_of(["A1", "A1"]), (both.to_owned(), String::new(), 2));
    assert_eq!(links_of(["A1:A1048576", "C1"]), (first.to_owned(), String::new(), 2));
}

#[test]
fn what_is_wrong_beside_the_cells_costs_no_cell() {
    let link = r#"<hyperlinks><hyperlink ref="A1" r:id="r1"/></hyperlinks>"#;
    for (behind, relations) in [
        (link, None),
        (link, Some(String::new())),
        (link, Some(relation("r1", ""))),
        (link, Some(relation("r1", "https://a.example").replace("x/hyperlink", "x/image"))),
        (
            r#"<hyperlinks><hyperlink ref="A1" r:id="r1" r:id="r1"/></hyperlinks>"#,
            Some(relation("r1", "https://a.example")),
        ),
        (r#"<legacyDrawing r:id="r1"/>"#, None),
        (
            r#"<legacyDrawing r:id="r1"/>"#,
            Some(relation("r1", "../comments1.xml").replace("x/hyperlink", "x/comments")),
        ),
    ] {
        let book = beside(behind, relations.as_deref()).unwrap();
        assert_eq!((book.sheets[0].cells.len(), links(&book).len()), (3, 0), "{behind} {relations:?}");
    }
}

#[test]
fn comments_are_told_whether_or_not_the_sheet_has_a_drawing_for_notes() {
    let relation = |id: &str, kind: &str, part: &str| {
        format!(
            r#"<Relationship Id="{id}" Type="http://schemas.example/2017/10/relationships/{kind}" Target="../{part}"/>"#
        )
    };
    let old = r#"<comments><commentList><comment ref="B9"><text>
        <r><t>[Threaded comment] </t></r><r><t>mine</t></r></text></comment></commentList></comments>"#;
    let new = r#"<ThreadedComments><threadedComment ref="B9" id="{1}"><text>mine</text></threadedComment>
        <threadedComment ref="C9" id="{2}"><text>R&amp;D, in 2021</text><mentions/></threadedComment>
        <threadedComment ref="C9" id="{3}" parentId="{2}"><text>no, in 2022</text></threadedComment></ThreadedComments>"#;
    let of = |parts: &[(&str, &str, &str)]| {
        let cell = r#"<row r="1"><c r="A1"><v>1</v></c></row>"#;
        let mut package = Package::with_rows(cell);
        let relations: Vec<String> = parts.iter().map(|(part, kind, _)| relation(part, kind, part)).collect();
        package.set(
            "xl/worksheets/_rels/sheet1.xml.rels",
            &format!("<Relationships>{}</Relationships>", relations.concat()),
        );
        for (part, _, content) in parts {
            package.set(&format!("xl/{part}"), content);
        }
        notes(&package.read().unwrap())
    };
    let old = ("threads.xml", "comments", old);
    let new = ("comments.xml", "threadedComment", new);
    assert_eq!(of(&[old]), ["B9 [Threaded comment] mine"]);
    assert_eq!(of(&[new]), ["B9 mine", "C9 R&D, in 2021"]);
    assert_eq!(of(&[new, old]), ["B9 [Threaded comment] mine", "C9 R&D, in 2021"]);
}

#[test]
fn broken_relations_cost_the_file_only_where_a_link_needs_them() {
    let link =
        |at: &str, id: &str| format!(r#"<hyperlinks><hyperlink ref="{at}" r:id="{id}"/></hyperlinks>"#);
    let first = relation("r1", "https://a.example");
    let twice =
        [first.clone(), relation("r1", "https://b.example"), relation("r2", "https://c.example")].concat();
    let cut = format!("{first}<Relationship Id=\"r2\" Id=\"r3\"/>");
    // Behind a cell that says something, by a name that two have, or that may stand where nothing can be read.
    let refused = beside(&link("A1", "r1"), Some(&twice)).unwrap_err();
    assert!(refused.contains("gives one name to two relations"), "{refused}");
    let refused = beside(&link("A2:C2", "r2"), Some(&cut)).unwrap_err();
    assert!(refused.contains("doubled attribute"), "{refused}");
    for (behind, relations, found) in [
        (link("A1", "r2"), &twice, vec!["A1 https://c.example"]),
        (link("B1:C3", "r1"), &twice, vec![]),
        (link("A1", "r1"), &cut, vec!["A1 https://a.example"]),
        (link("C9", "r2"), &cut, vec![]),
        (link("A1", "r1"), &[first.clone(), first.clone()].concat(), vec!["A1 https://a.example"]),
    ] {
        let book = beside(&behind, Some(relations)).unwrap();
        assert_eq!(
            (book.sheets[0].cells.len(), links(&book)),
            (3, found.iter().map(ToString::to_string).collect()),
            "{behind}"
        );
    }
    // A cell that says where it leads needs no link.
    let mut package = Package::with_rows(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>https://a.example/law</t></is></c></row>"#,
    );
    let rows = package.parts.pop().map(|(_, content)| String::from_utf8(content).unwrap()).unwrap();
    package.set(
        "xl/worksheets/sheet1.xml",
        &rows.replace("</sheetData>", &format!("</sheetData>{}", link("A1", "r1"))),
    );
    package.set("xl/worksheets/_rels/sheet1.xml.rels", &format!("<Relationships>{twice}</Relationships>"));
    assert_eq!(package.read().unwrap().sheets[0].cells.len(), 1);
}

#[test]
fn links_are_charged_like_cells() {
    // 60,000 regions of 1,024 cells each with an address of 1,000 letters would be 60 GB.
    let region = r#"<hyperlink ref="A1:A1024" r:id="r1"/>"#;
    let behind = format!("<hyperlinks>{}</hyperlinks>", region.repeat(60_000));
    let target = format!("https://a.example/{}", "x".repeat(1_000));
    let refused = beside(&behind, Some(&relation("r1", &target))).unwrap_err();
    assert!(refused.contains("FileTooLarge"), "{refused}");
    let many = r#"<hyperlink ref="A1" r:id="r1"/>"#.repeat(100_001);
    let refused = beside(&format!("<hyperlinks>{many}</hyperlinks>"), None).unwrap_err();
    assert!(refused.contains("too many links"), "{refused}");
}

/// An ods whose only row has these cells.
fn ods(cells: &str) -> Book {
    let content = format!(
        r#"<office:document-content><office:body><office:spreadsheet><table:table table:name="A"><table:table-row>{cells}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in
        [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", &content)]
    {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    read(&writer.finish().unwrap().into_inner(), &Limits::default()).unwrap()
}

#[test]
fn of_several_links_in_a_cell_of_an_ods_all_that_lead_to_the_web_count() {
    let cell = |links: &[&str]| {
        let links: String = links
            .iter()
            .map(|to| [r#"<text:a xlink:href=""#, to, r#"">x</text:a>"#].concat())
            .collect::<Vec<_>>()
            .concat();
        format!(r#"<table:table-cell office:value-type="string"><text:p>{links}</text:p></table:table-cell>"#)
    };
    let mail = "mailto:a@a.example";
    let (one, other) = ("https://a.example", "https://b.example");
    let cells = [&[mail, one, other, one][..], &[mail, "mailto:b@b.example", mail]];
    let book = ods(&cells.map(cell).concat());
    assert_eq!(links(&book), ["A1 https://a.example", "A1 https://b.example"]);
    let many: Vec<String> = (0..40).map(|number| format!("https://{number}.example")).collect();
    let book = ods(&cell(&many.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(links(&book).len(), 16);
}

#[test]
fn links_and_notes_of_an_ods_are_read() {
    let book = ods(
        r##"<table:table-cell office:value-type="string"><office:annotation><dc:creator>M &amp; Ü</dc:creator><dc:date>2026-12-01</dc:date><text:p>look <text:a xlink:href="https://c.example">there</text:a> &amp; then</text:p><text:p>again</text:p></office:annotation><text:p>The <text:a xlink:href="https://a.example/?a=1&amp;b=2">law</text:a> and <text:a xlink:href="https://b.example">more</text:a></text:p></table:table-cell><table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p><text:a xlink:href="http://d.example">x</text:a></text:p></table:table-cell><table:table-cell office:value-type="string"><text:p><text:a xlink:href="#A.A1">y</text:a></text:p></table:table-cell><table:table-cell><office:annotation><text:p>mine</text:p></office:annotation></table:table-cell>"##,
    );
    assert_eq!(
        links(&book),
        [
            "A1 https://a.example/?a=1&b=2",
            "A1 https://b.example",
            "B1 http://d.example",
            "C1 http://d.example"
        ]
    );
    assert_eq!(notes(&book), ["A1 look there & then\nagain\n", "E1 mine\n"]);
    let shown: Vec<String> = book.sheets[0].cells.iter().map(|cell| cell.value.display()).collect();
    assert_eq!(shown, ["The law and more", "x", "x", "y"]);
}

#[test]
fn text_boxes_of_an_ods_are_read_as_notes() {
    let text_box = |text: &str| {
        format!("<draw:frame><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>")
    };
    let book = ods(&[
        // A sheet's drawings stand before its rows.
        "<table:table-cell/></table:table-row><table:shapes>",
        &text_box("over the sheet"),
        "<draw:frame><draw:image><text:p/></draw:image></draw:frame><draw:custom-shape><text:p>again</text:p></draw:custom-shape>",
        "</table:shapes><table:table-row><table:table-cell/>",
        r#"<table:table-cell office:value-type="string"><office:annotation><text:p>a note</text:p></office:annotation><text:p>Yes</text:p>"#,
        &text_box("we mean &amp; <text:span>say</text:span></text:p><text:p>no"),
        "<draw:g><draw:g><draw:line/></draw:g><draw:custom-shape><text:p>grouped</text:p></draw:custom-shape></draw:g>",
        "</table:table-cell><table:table-cell><draw:custom-shape><text:p> </text:p></draw:custom-shape></table:table-cell>",
    ]
    .concat());
    assert_eq!(
        notes(&book),
        ["A1 over the sheet\n", "A1 again\n", "B2 a note\n", "B2 we mean & say\nno\n", "B2 grouped\n"]
    );
    let shown: Vec<String> = book.sheets[0].cells.iter().map(|cell| cell.value.display()).collect();
    assert_eq!(shown, ["Yes"]);
}

#[test]
fn what_is_said_in_passing_is_no_part_of_a_cell_of_an_ods() {
    let book = ods(
        r#"<table:table-cell office:value-type="string"><text:p><text:ruby><text:ruby-base>Yes</text:ruby-base><text:ruby-text>yes</text:ruby-text></text:ruby>, in use<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>not yet</text:p></text:note-body></text:note></text:p></table:table-cell>"#,
    );
    assert_eq!(book.sheets[0].cells[0].value.display(), "Yes, in use");
}

#[test]
fn an_address_in_the_formula_of_a_link_is_read() {
    let cell = |at: &str, formula: &str| {
        format!(r#"<c r="{at}" t="str"><f>HYPERLINK({formula})</f><v>The law</v></c>"#)
    };
    let rows = [
        cell("A1", r#""https://a.example/?a=1&amp;b=2","The law""#),
        cell("B1", "&quot;http://b.example&quot;,&quot;The law&quot;"),
        cell("C1", "C9,&unknown;"),
        cell("D1", r#""mailto:a@a.example""#),
    ];
    let book = Package::with_rows(&format!(r#"<row r="1">{}</row>"#, rows.concat())).read().unwrap();
    let addresses = ["A1 https://a.example/?a=1&b=2", "B1 http://b.example"];
    assert_eq!(links(&book), addresses);
    assert!(book.sheets[0].cells.iter().all(|cell| cell.formula && cell.value.display() == "The law"));

    let formula = |text: &str| {
        format!(
            r#"<table:table-cell table:formula="{text}" office:value-type="string" office:string-value="The law"><text:p>The law</text:p></table:table-cell>"#
        )
    };
    let book = ods(&[
        formula("of:=HYPERLINK(&quot;https://a.example/?a=1&amp;b=2&quot;;&quot;The law&quot;)"),
        formula("oooc:=HYPERLINK(&quot;http://b.example&quot;)"),
        formula("of:=HYPERLINK([.A9];&quot;The law&quot;)"),
    ]
    .concat());
    assert_eq!(links(&book), addresses);
}

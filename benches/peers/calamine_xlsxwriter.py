"""The pipeline's work as a good analyst would write it: python-calamine, numpy, XlsxWriter."""

import work
import xlsxwriter
from python_calamine import CalamineWorkbook


def read(path):
    book = CalamineWorkbook.from_path(str(path))
    answers = {}
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        keys = next((row for row in rows if "id" in row and "answer" in row), None)
        if keys is not None:
            question, answer = keys.index("id"), keys.index("answer")
            answers.update({row[question]: row[answer] for row in rows if row[question]})
    return answers


def write(path, report):
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    formats = {}
    for number, of_numbers in report["formats"].items():
        looks = {"num_format": "0.000"} if of_numbers else {"text_wrap": True}
        colour = f"#F0F0{number % 256:02X}"
        formats[number] = book.add_format(
            {"font_name": "Arial", "font_size": 9, "bottom": 7, "bg_color": colour, **looks}
        )
    for position, page in enumerate(report["sheets"]):
        name = page["name"]
        sheet = book.add_worksheet(name)
        for first, last, width in page["widths"]:
            sheet.set_column(first, last, width)
        for row, height in page["heights"]:
            sheet.set_row(row, height)
        sheet.freeze_panes(4, 1)
        for area in page["joined"]:
            sheet.merge_range(*area, "")
        for row, column, value, formula, format in page["cells"]:
            if formula is not None:
                sheet.write_formula(row, column, formula, formats[format], value)
            elif isinstance(value, (int, float)):
                sheet.write_number(row, column, value, formats[format])
            elif value:
                sheet.write_string(row, column, str(value), formats[format])
            else:
                sheet.write_blank(row, column, None, formats[format])
        if position == 0:
            for at, kind, series in ((16, "column", 4), (34, "line", 5)):
                chart = book.add_chart({"type": kind})
                for column in range(1, series + 1):
                    chart.add_series({"categories": [name, 8, 0, 11, 0], "values": [name, 8, column, 11, column]})
                sheet.insert_chart(at, 0, chart)
    book.close()


work.run(read, write)

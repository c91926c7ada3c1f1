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


def write(path, sheets):
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    text = book.add_format({"font_name": "Arial", "font_size": 9, "text_wrap": True, "bottom": 7})
    number = book.add_format({"font_name": "Arial", "font_size": 9, "num_format": "0.000", "bottom": 7})
    for position, (name, rows) in enumerate(sheets):
        sheet = book.add_worksheet(name)
        sheet.set_column(0, 20, 18)
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, (int, float)):
                    sheet.write_number(row, column, value, number)
                elif value:
                    sheet.write_string(row, column, str(value), text)
        if position == 0:
            chart = book.add_chart({"type": "bar"})
            chart.add_series({"values": [name, 5, 1, 9, 1], "categories": [name, 5, 0, 9, 0]})
            sheet.insert_chart(12, 0, chart)
    book.close()


work.run(read, write)

"""The pipeline's work with pandas: openpyxl reads, XlsxWriter writes."""

import warnings

import pandas
import work

# openpyxl says of every file what it leaves out of it.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")


def read(path):
    answers = {}
    for rows in pandas.read_excel(path, sheet_name=None, header=None, engine="openpyxl").values():
        keys = rows[rows.eq("id").any(axis=1) & rows.eq("answer").any(axis=1)]
        if not keys.empty:
            titles = list(keys.iloc[0])
            pairs = rows[[titles.index("id"), titles.index("answer")]].dropna()
            answers.update(pairs.itertuples(index=False, name=None))
    return answers


def write(path, report):
    sheets = [(sheet["name"], sheet["rows"]) for sheet in report["sheets"]]
    with pandas.ExcelWriter(path, engine="xlsxwriter") as writer:
        number = writer.book.add_format({"font_name": "Arial", "font_size": 9, "num_format": "0.000"})
        for name, rows in sheets:
            pandas.DataFrame(rows).to_excel(writer, sheet_name=name, header=False, index=False)
            writer.sheets[name].set_column(0, 20, 18, number)
        first = sheets[0][0]
        chart = writer.book.add_chart({"type": "bar"})
        chart.add_series({"values": [first, 5, 1, 9, 1], "categories": [first, 5, 0, 9, 0]})
        writer.sheets[first].insert_chart(12, 0, chart)


work.run(read, write)

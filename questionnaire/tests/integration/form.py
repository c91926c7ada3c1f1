"""What other programs make of our forms.

convert FORM.xlsx             pyxform's conversion, checked by ODK Validate, as JSON: its warnings and the XForm
evaluate FORM.xlsx CASES.json every constraint and every relevance of the questions named in the cases, evaluated by
                              libxml2's XPath 1.0 over the answers of the case; a JSON list of [constraint, relevant]
"""

import json
import re
import sys

from lxml import etree
from pyxform.xls2xform import convert

XFORMS = "{http://www.w3.org/2002/xforms}"


def text(value):
    """The string value of an argument, as ODK's own functions take it."""
    if isinstance(value, list):
        return (value[0].text or "") if value else ""
    if isinstance(value, str):
        return value
    return etree.XPath("string($value)")(etree.Element("x"), value=value)


def holds(value):
    return text(value) != "" if isinstance(value, list | str) else value == value and value != 0


functions = etree.FunctionNamespace(None)
functions["selected"] = lambda _, value, code: text(code).strip() in text(value).split()
functions["count-selected"] = lambda _, value: float(len(text(value).split()))
# Web forms look for a match anywhere: patterns must fix their ends themselves.
functions["regex"] = lambda _, value, pattern: re.search(pattern, text(value)) is not None
functions["coalesce"] = lambda _, one, other: one if text(one) != "" else other
functions["if"] = lambda _, test, one, other: one if holds(test) else other


def bare(element):
    """The element without namespaces, as the paths of a form see it."""
    copy = etree.Element(etree.QName(element).localname)
    copy.extend(bare(child) for child in element)
    return copy


def evaluate(xform, cases):
    document = etree.fromstring(xform.encode())
    binds = {bind.get("nodeset"): bind for bind in document.iter(XFORMS + "bind")}
    root = bare(next(document.iter(XFORMS + "instance"))[0])
    tree = root.getroottree()
    nodes = {element.tag: element for element in root.iter()}
    results = []
    for case in cases:
        for name, value in case["answers"].items():
            nodes[name].text = value
        node = nodes[case["question"]]
        bind = binds[tree.getpath(node)]
        decided = []
        for attribute in ("constraint", "relevant"):
            expression = bind.get(attribute)
            decided.append(None if expression is None else node.xpath(f"boolean({expression})"))
        results.append(decided)
    return results


command, form, *rest = sys.argv[1:]
if command == "convert":
    result = convert(form, validate=True)
    print(json.dumps({"warnings": result.warnings, "xform": result.xform}))
else:
    with open(rest[0], encoding="utf-8") as file:
        cases = json.load(file)
    print(json.dumps(evaluate(convert(form, validate=False).xform, cases)))

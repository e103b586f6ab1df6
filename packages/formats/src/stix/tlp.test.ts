import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compareTlp, contradiction, labelIssues, labelsIn, papLabels, parsePap, parseTlp, tlpLabels } from "./tlp.ts"

test.each([
    ["TLP:RED", "RED"],
    ["tlp:amber+strict", "AMBER+STRICT"],
    ["tlp:amber-strict", "AMBER+STRICT"],
    ["TLP:CLEAR", "CLEAR"],
    ["TLP:WHITE", null],
    ["TLP:", null],
    ["TLP: RED", null],
    ["RED", null],
    ["TLP:AMBER+STRICTER", null],
    ["TLP:constructor", null],
])("`%s` is %s", (text, expected) => {
    expect(parseTlp(text)).toBe(expected)
})

test.each([
    ["PAP:WHITE", "CLEAR"],
    ["pap:amber", "AMBER"],
    ["PAP:AMBER+STRICT", null],
])("`%s` is %s", (text, expected) => {
    expect(parsePap(text)).toBe(expected)
})

describe("TLP and PAP", () => {
    test.each([
        ["CLEAR", "CLEAR", false],
        ["GREEN", "CLEAR", false],
        ["AMBER", "CLEAR", true],
        ["RED", "CLEAR", true],
        ["AMBER+STRICT", "GREEN", false],
        ["RED", "GREEN", true],
        ["RED", "AMBER", false],
        ["CLEAR", "RED", false],
    ] as const)("TLP:%s and PAP:%s contradict each other: %s", (tlp, pap, expected) => {
        expect(contradiction({ tlp, pap }) !== null).toBe(expected)
    })

    test("never contradict each other when made stricter, or with wider sharing", () => {
        fc.assert(
            fc.property(fc.constantFrom(...tlpLabels), fc.constantFrom(...papLabels), (tlp, pap) => {
                if (contradiction({ tlp, pap }) !== null) return
                for (const care of papLabels.slice(papLabels.indexOf(pap))) {
                    for (const wider of tlpLabels.filter((tlpLabel) => compareTlp(tlpLabel, tlp) <= 0)) {
                        expect(contradiction({ tlp: wider, pap: care })).toBe(null)
                    }
                }
            }),
        )
    })
})

const own = { tlp: "AMBER", pap: "GREEN" } as const

describe("a text", () => {
    test.each([
        ["TLP:AMBER\n\ntext\n\nTLP:AMBER\n", []],
        ["text about TLP:RED, and what it means\n", []],
        ["# TLP:AMBER\nPAP:GREEN\n", []],
        ["<!-- TLP:AMBER | PAP:GREEN -->\n", []],
        ['    tlp = "TLP:AMBER"\n', []],
        ["**TLP:RED**\n", ["1:3 tlp.label_mismatch"]],
        ["TLP:CLEAR", ["1:1 tlp.label_mismatch"]],
        ["TLP:AMBER\nx\n// TLP:GREEN", ["3:4 tlp.several_labels", "3:4 tlp.label_mismatch"]],
        ["TLP:WHITE", ["1:1 tlp.unknown_label"]],
        ["TLP:Orange", ["1:1 tlp.unknown_label"]],
        ["tlp: amber", ["1:1 tlp.form"]],
        ["tags:\n    - tlp.amber", []],
        ["tags:\n    - tlp.amber-strict", ["2:7 tlp.label_mismatch"]],
        ["tags:\n    - tlp.white", ["2:7 tlp.unknown_label"]],
        ["x\nPAP:RED", ["2:1 pap.label_mismatch"]],
    ])("%j: %j", (text, expected) => {
        expect(
            labelIssues(labelsIn(text), own).map((finding) => `${finding.line}:${finding.column} ${finding.code}`),
        ).toEqual(expected)
    })

    test("of any kind is read without an error", () => {
        const near = fc.array(fc.constantFrom("TLP:", "PAP:", "RED", " ", "\n", "*", "AMBER", "+STRICT", ":"))
        fc.assert(
            fc.property(
                fc.oneof(
                    near.map((list) => list.join("")),
                    fc.string(),
                ),
                (text) => {
                    for (const statement of labelsIn(text)) {
                        const line = text.split("\n")[statement.place.line - 1] ?? ""
                        expect(
                            line
                                .slice(statement.place.column - 1)
                                .replaceAll(/[ \t]/g, "")
                                .startsWith(statement.text),
                        ).toBe(true)
                    }
                },
            ),
        )
    })
})

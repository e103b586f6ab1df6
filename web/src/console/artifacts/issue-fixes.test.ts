import { expect, test } from "vitest"
import { fixFor, type TextIssue } from "./issue-fixes.ts"

const labels = { tlp: "AMBER+STRICT", pap: "AMBER" }
const id = "5b0a9f5e-6d0c-4f1e-9a53-2f6d4b7c1e90"

function fixed(text: string, issue: Partial<TextIssue>) {
    const whole: TextIssue = { severity: "error", line: 1, column: 1, code: "", message: "", ...issue }
    return fixFor(text, whole, labels, () => id)
}

test("writes the artifact's own label in place of another", () => {
    const fix = fixed("# A\n\nTLP:GREEN\n", { line: 3, code: "tlp.label_mismatch" })
    expect(fix?.edit.text).toBe("# A\n\nTLP:AMBER+STRICT\n")
    expect(fix?.name).toBe("Write TLP:AMBER+STRICT")
    expect(fixed("*pap: red*", { column: 2, code: "pap.form" })?.edit.text).toBe("*PAP:AMBER*")
})

test("writes a label of a rule as a tag", () => {
    const fix = fixed("tags:\n    - tlp.green\n", { line: 2, column: 7, code: "tlp.label_mismatch" })
    expect(fix?.edit.text).toBe("tags:\n    - tlp.amber+strict\n")
})

test("keeps braces as text, where they are no slot", () => {
    const message =
        "`{{a|b}}` is not a slot here, and every reader would see it: write one form, or `\\{{` for two braces"
    const fix = fixed("[{{a|b}}](x)", { code: "artifact.braces_left", message })
    expect(fix?.edit.text).toBe("[\\{{a|b}}](x)")
    expect(fixed("`{{a|b}}`", { severity: "warning", code: "artifact.braces_left", message })).toBeNull()
})

test("removes braces around a single form", () => {
    const fix = fixed("It {{is}} so.", { code: "mark.bad_alternative", message: "`{{is}}` offers no choice" })
    expect(fix?.edit.text).toBe("It is so.")
    const same = { code: "mark.bad_alternative", message: "`{{is|is}}` says the same twice" }
    expect(fixed("It {{is|is}} so.", same)).toBeNull()
})

test("writes the score of the vector", () => {
    const message = "the vector's base score is `8.8`, and not `9.1`"
    const fix = fixed('{ "baseScore": 9.1 }', { column: 16, code: "cvss.score_mismatch", message })
    expect(fix?.edit.text).toBe('{ "baseScore": 8.8 }')
})

test("gives a rule an id, and a log source its form", () => {
    expect(fixed("title: A\nstatus: test", { code: "sigma.no_id" })?.edit.text).toBe(
        `title: A\nid: ${id}\nstatus: test`,
    )
    expect(fixed("    category: Web Server", { column: 5, code: "sigma.logsource_form" })?.edit.text).toBe(
        "    category: web_server",
    )
})

test("leaves to the author what has no certain cure", () => {
    expect(fixed("a", { code: "sigma.unknown_selection" })).toBeNull()
    expect(fixed("a", { line: 9, code: "tlp.form" })).toBeNull()
})

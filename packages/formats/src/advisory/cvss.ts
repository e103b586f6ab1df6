/**
 * Reads CVSS vectors of versions 3.0, 3.1 and 4.0 (FIRST) strictly, and computes their scores.
 *
 * The library `ae-cvss-calculator` does the arithmetic. The reading is ours: a duplicate or missing metric, an unknown
 * value, or (in 4.0) a wrong order makes a vector invalid.
 */
import calculator from "ae-cvss-calculator"
import { quote } from "@tocsin/base/issue"

/** The supported versions. */
export type CvssVersion = "3.0" | "3.1" | "4.0"

/** A vector with its scores. */
export interface Cvss {
    readonly version: CvssVersion
    /** The value of each metric, as written: `AV` is `N`. */
    readonly metrics: Readonly<Record<string, string>>
    /** The score of the base metrics alone, which records call the base score: 0 to 10, in tenths. */
    readonly baseScore: number
    /** The score of all metrics in the vector. */
    readonly score: number
    readonly severity: "NONE" | "LOW" | "MEDIUM" | "HIGH" | "CRITICAL"
}

const charsMax = 300

/** `name:values`, in the order of the standard. Values have one letter each, unless separated by `,`. */
const base3 = "AV:NALP AC:LH PR:NLH UI:NR S:UC C:NLH I:NLH A:NLH"
const more3 = `E:XUPFH RL:XOTWU RC:XURC CR:XLMH IR:XLMH AR:XLMH MAV:XNALP MAC:XLH MPR:XNLH MUI:XNR MS:XUC
    MC:XNLH MI:XNLH MA:XNLH`
const base4 = "AV:NALP AC:LH AT:NP PR:NLH UI:NPA VC:HLN VI:HLN VA:HLN SC:HLN SI:HLN SA:HLN"
const more4 = `E:XAPU CR:XHML IR:XHML AR:XHML MAV:XNALP MAC:XLH MAT:XNP MPR:XNLH MUI:XNPA MVC:XHLN MVI:XHLN
    MVA:XHLN MSC:XHLN MSI:XSHLN MSA:XSHLN S:XNP AU:XNY R:XAUI V:XDC RE:XLMH U:X,Clear,Green,Amber,Red`

interface Metric {
    readonly name: string
    readonly values: readonly string[]
    readonly required: boolean
}

function metrics(text: string, required: boolean): Metric[] {
    return text.split(/\s+/).map((item) => {
        const [name = "", values = ""] = item.split(":")
        return { name, values: values.includes(",") ? values.split(",") : [...values], required }
    })
}

const three = [...metrics(base3, true), ...metrics(more3, false)]
const tables: Readonly<Record<CvssVersion, readonly Metric[]>> = {
    "3.0": three,
    "3.1": three,
    "4.0": [...metrics(base4, true), ...metrics(more4, false)],
}

/** Reads a vector. A string says in one lower-case line what is wrong with it. */
export function parseCvss(text: string): Cvss | string {
    if (!(text.length <= charsMax)) return "this is too long for a CVSS vector"
    const [prefix = "", ...parts] = text.split("/")
    const version = prefix.startsWith("CVSS:") ? prefix.slice(5) : ""
    if (version !== "3.0" && version !== "3.1" && version !== "4.0") {
        return `${quote(prefix)}: a vector begins with \`CVSS:3.0\`, \`CVSS:3.1\` or \`CVSS:4.0\``
    }
    const read = readMetrics(parts, tables[version])
    if (typeof read === "string") return read
    if (version === "4.0") {
        const places = Object.keys(read).map((name) => tables["4.0"].findIndex((metric) => metric.name === name))
        const at = places.findIndex((place, n) => n > 0 && place < (places[n - 1] ?? 0))
        if (at !== -1) return `\`${Object.keys(read)[at]}\` stands out of order`
    }
    return { version, metrics: read, ...scoresOf(version, text) }
}

function readMetrics(parts: readonly string[], table: readonly Metric[]): Record<string, string> | string {
    const read: Record<string, string> = {}
    for (const part of parts) {
        const [name = "", value = "", ...more] = part.split(":")
        const metric = table.find((metric) => metric.name === name)
        if (metric === undefined || more.length > 0) return `${quote(part)} is no metric of this version`
        if (!metric.values.includes(value)) return `${quote(part)}: this metric has no such value`
        if (Object.hasOwn(read, name)) return `\`${name}\` stands twice`
        read[name] = value
    }
    const missing = table.find(({ name, required }) => required && !Object.hasOwn(read, name))
    return missing === undefined ? read : `\`${missing.name}\` is missing`
}

function scoresOf(version: CvssVersion, vector: string): Pick<Cvss, "baseScore" | "score" | "severity"> {
    const [baseScore, score] = version === "4.0" ? scoresOfV4(vector) : scoresOfV3(version, vector)
    return { baseScore, score, severity: severityOf(score) }
}

function scoresOfV4(vector: string): [number, number] {
    const { baseMetricsOnly, overall } = new calculator.Cvss4P0(vector).calculateScores()
    return [assertScore(baseMetricsOnly), assertScore(overall)]
}

function scoresOfV3(version: "3.0" | "3.1", vector: string): [number, number] {
    const calculation = version === "3.0" ? new calculator.Cvss3P0(vector) : new calculator.Cvss3P1(vector)
    const { base, overall } = calculation.calculateScores()
    return [assertScore(base), assertScore(overall)]
}

function assertScore(score: number | undefined): number {
    if (score === undefined || !(score >= 0 && score <= 10)) throw new Error("a whole vector has no score")
    return score
}

/** Names the severity of a score by the scale of CVSS. */
export function severityOf(score: number): Cvss["severity"] {
    if (score === 0) return "NONE"
    if (score < 4) return "LOW"
    if (score < 7) return "MEDIUM"
    return score < 9 ? "HIGH" : "CRITICAL"
}

/** Compares a score with the base score of the vector. Null if equal, otherwise one lower-case line. */
export function scoreFault(vector: string, score: number): string | null {
    const read = parseCvss(vector)
    if (typeof read === "string") return read
    return read.baseScore === score ? null : `the vector's base score is \`${read.baseScore}\`, and not \`${score}\``
}

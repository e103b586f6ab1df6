/**
 * Reads a CSV file (RFC 4180) of partners to add. Pure. The columns are `name`, `mail`, `tier` and, optionally,
 * `status`, in any order; other columns are ignored, so that an exported directory is accepted. An import adds
 * partners and changes none.
 */
import { parse } from "csv-parse/sync"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type NameAndMail, type Tier, tiers, validateNameAndMail } from "./partner.ts"

export const importCharsMax = 500_000
const linesMax = 1000
const statuses = ["invited", "applicant"] as const

export const importResults = ["new", "known", "error"] as const

export interface ImportedPartner extends NameAndMail {
    readonly tier: Tier
    readonly status: (typeof statuses)[number]
}

export interface ImportLine {
    /** The line of the file, from 1; of several lines the last. */
    readonly line: number
    readonly name: string
    readonly result: (typeof importResults)[number]
    /** What is wrong, or what differs; null: nothing. */
    readonly reason: string | null
    /** The partner to add; null: the line adds none. */
    readonly partner: ImportedPartner | null
}

type Cells = Readonly<Partial<Record<"name" | "mail" | "tier" | "status", string>>>

/** A record as the library gives it, with the last of its lines. */
interface ParsedRecord {
    readonly record: Cells
    readonly info: { readonly lines: number; readonly columns: readonly { readonly name: string }[] }
}

interface Known extends NameAndMail {
    /** Where it is known from, as the end of a sentence: "in the program", "on line 3". */
    readonly where: string
}

/** Says for each line what the import does. `present`: the program's partners. */
export function readImport(csv: string, present: readonly NameAndMail[]): readonly ImportLine[] {
    const known: Known[] = present.map((partner) => ({ ...partner, where: "in the program" }))
    return recordsOf(csv).map(({ line, cells }) => {
        const read = readLine(line, cells, known)
        if (read.partner !== null) known.push({ ...read.partner, where: `on line ${line}` })
        return read
    })
}

function recordsOf(csv: string): readonly { readonly line: number; readonly cells: Cells }[] {
    const found = parsed(csv)
    const missing = ["name", "mail", "tier"].find((name) => !found[0]?.names.includes(name))
    if (missing !== undefined) {
        refuse(
            "invalid",
            "partner_import.missing_column",
            found.length === 0
                ? "the file has no partner: the first line names the columns name, mail and tier"
                : `the first line has no column \`${missing}\`: name the columns name, mail and tier`,
        )
    }
    if (found.length > linesMax) {
        refuse("invalid", "partner_import.too_long", `import ${linesMax} partners at most: split the file`)
    }
    return found
}

function parsed(csv: string) {
    try {
        const records = parse(csv, {
            bom: true,
            columns: (header: readonly string[]) => header.map((name) => name.toLowerCase()),
            info: true,
            record_delimiter: ["\r\n", "\n", "\r"],
            relax_column_count: true,
            skip_empty_lines: true,
            trim: true,
        }) as unknown as readonly ParsedRecord[]
        return records.map(({ record, info }) => {
            return { line: info.lines, names: info.columns.map(({ name }) => name), cells: record }
        })
    } catch (error) {
        const { lines } = error as { readonly lines?: number }
        refuse(
            "invalid",
            "partner_import.not_csv",
            `${lines === undefined ? "the file" : `line ${lines}`} is not valid CSV: a quotation mark may be missing`,
        )
    }
}

function readLine(line: number, cells: Cells, known: readonly Known[]): ImportLine {
    const { name = "", mail = "" } = cells
    const read = { line, name, partner: null }
    const same = known.find((other) => isSame(other.name, name) || isSame(other.mail, mail))
    if (same !== undefined) {
        const what = isSame(same.name, name) && isSame(same.mail, mail) ? null : differenceFrom(same, name)
        return { ...read, result: "known", reason: what ?? `already ${same.where}` }
    }
    try {
        return { line, name, result: "new", reason: null, partner: partnerOf(cells) }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ...read, result: "error", reason: error.message }
    }
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const differenceFrom = ({ name, mail, where }: Known, imported: string): string =>
    isSame(name, imported) ? `already ${where}, with the address ${mail}` : `${name} is ${where} with this address`

function partnerOf({ name = "", mail = "", tier = "", status = "" }: Cells): ImportedPartner {
    if (/^[=+\-@]/.test(name)) {
        refuse("invalid", "partner_import.formula", "the name starts with a formula sign: write it without the sign")
    }
    validateNameAndMail({ name, mail })
    const knownTier = tiers.find((item) => isSame(item, tier))
    const knownStatus = statuses.find((item) => isSame(item, status || "invited"))
    if (knownTier === undefined) {
        refuse("invalid", "partner_import.bad_tier", `the tier is one of ${tiers.join(", ")}`)
    }
    if (knownStatus === undefined) {
        refuse("invalid", "partner_import.bad_status", `the status is invited or applicant`)
    }
    return { name, mail, tier: knownTier, status: knownStatus }
}

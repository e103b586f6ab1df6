/**
 * Reads the records of a file of partners to add. Pure. The columns are `name`, `mail`, `tier` and, optionally,
 * `status`, in any order; other columns are ignored, so that an exported directory is accepted. An import adds
 * partners and changes none.
 */
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
    /** The error, or how a known partner differs; null: none. */
    readonly reason: string | null
    /** The partner to add; null: the line adds none. */
    readonly partner: ImportedPartner | null
}

type Cells = Readonly<Partial<Record<"name" | "mail" | "tier" | "status", string>>>

export interface ImportRecord {
    /** The last of its lines in the file, from 1. */
    readonly line: number
    /** The names of the file's columns, in lower case. */
    readonly names: readonly string[]
    readonly cells: Cells
}

interface Known extends NameAndMail {
    /** Where it is known from, as the end of a sentence: "in the directory", "on line 3". */
    readonly where: string
}

/** Says for each line what the import does. `present`: the program's partners. */
export function readImport(records: readonly ImportRecord[], present: readonly NameAndMail[]): readonly ImportLine[] {
    validateFile(records)
    const known: Known[] = present.map((partner) => ({ ...partner, where: "in the directory" }))
    return records.map(({ line, cells }) => {
        const read = readLine(line, cells, known)
        if (read.partner !== null) known.push({ ...read.partner, where: `on line ${line}` })
        return read
    })
}

function validateFile(records: readonly ImportRecord[]): void {
    const missing = ["name", "mail", "tier"].find((name) => !records[0]?.names.includes(name))
    if (missing !== undefined) {
        refuse(
            "invalid",
            "partner_import.missing_column",
            records.length === 0
                ? "the file has no partner: the first line names the columns name, mail and tier"
                : `the first line has no column \`${missing}\`: name the columns name, mail and tier`,
        )
    }
    if (records.length > linesMax) {
        refuse("invalid", "partner_import.too_long", `import ${linesMax} partners at most: split the file`, {
            max: linesMax,
        })
    }
}

function readLine(line: number, cells: Cells, known: readonly Known[]): ImportLine {
    const { name = "", mail = "" } = cells
    const read = { line, name, partner: null }
    const same = known.find((other) => isSame(other.name, name) || isSame(other.mail, mail))
    if (same !== undefined) {
        return { ...read, result: "known", reason: reasonOf(same, { name, mail }) }
    }
    try {
        return { line, name, result: "new", reason: null, partner: partnerOf(cells) }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ...read, result: "error", reason: error.message }
    }
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function reasonOf(known: Known, imported: NameAndMail): string {
    const { name, mail, where } = known
    if (!isSame(name, imported.name)) return `${name} is ${where} with this address`
    return isSame(mail, imported.mail) ? `already ${where}` : `already ${where}, with the address ${mail}`
}

const named = (text: string): string => (text === "" ? "an empty field" : `\`${text}\``)

function partnerOf({ name = "", mail = "", tier = "", status = "" }: Cells): ImportedPartner {
    if (/^[=+\-@]/.test(name)) {
        refuse("invalid", "partner_import.formula", "the name starts with a formula sign: write it without the sign")
    }
    validateNameAndMail({ name, mail })
    const knownTier = tiers.find((item) => isSame(item, tier))
    const knownStatus = statuses.find((item) => isSame(item, status || "invited"))
    if (knownTier === undefined) {
        refuse("invalid", "partner_import.bad_tier", `${named(tier)} is not a tier: use ${tiers.join(", ")}`, {
            value: named(tier),
            tiers: tiers.join(", "),
        })
    }
    if (knownStatus === undefined) {
        refuse("invalid", "partner_import.bad_status", `\`${status}\` is not a status: use invited or applicant`, {
            status,
        })
    }
    return { name, mail, tier: knownTier, status: knownStatus }
}

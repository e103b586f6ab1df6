/** Reads a file to import: CSV (comma or semicolon), a `groups.yaml`, a Mailman roster or an OpenPGP keyring. */
import { parse } from "csv-parse/sync"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { readKeyOwners } from "../../../../platform/crypto/openpgp-keyring.ts"
import { readGroups } from "../groups-file.ts"
import { type ImportEntry, type KnownPartner, nameOfMail, reasonOf } from "../import-entry.ts"
import { type ImportFormat, recogniseFormat } from "../import-format.ts"
import { groupByDomain, readRoster } from "../roster-file.ts"

export interface ImportFile {
    /** Text, or bytes in Base64. */
    readonly content: string
    readonly isBase64: boolean
    /** Null: recognised. */
    readonly format: ImportFormat | null
    /** The role of people whose file names none. */
    readonly role: string
}

interface FileEntries {
    readonly format: ImportFormat
    readonly entries: readonly ImportEntry[]
}

/** Reads the entries of a file. `partners`: the program's, by whose mail domains rosters and keyrings are grouped. */
export async function readFile(
    ctx: ActionContext,
    { content, isBase64, role, ...chosen }: ImportFile,
    partners: readonly KnownPartner[],
): Promise<FileEntries> {
    const bytes = isBase64 ? Buffer.from(content, "base64") : null
    const isBinary = bytes !== null && !startsAsText(bytes)
    const text = bytes?.toString("utf8") ?? content
    const format = chosen.format ?? (isBinary ? "openpgp_keyring" : recogniseFormat(text))
    if (format === "openpgp_keyring") {
        return { format, entries: groupByDomain(await readOwners(ctx, bytes ?? content), partners, role) }
    }
    assertUtf8(text)
    if (format === "groups_yaml") return { format, entries: readGroups(text) }
    if (format === "mailman_roster") return { format, entries: groupByDomain(readRoster(text), partners, role) }
    return { format, entries: readCsv(text, role) }
}

/** Whether a file starts with a printable character or a byte order mark. A binary keyring starts with neither. */
function startsAsText([first = 0]: Uint8Array): boolean {
    return first === 0xef || first === 0x0a || first === 0x0d || (first >= 0x20 && first < 0x7f)
}

/** Refuses text in another encoding. Its letters were decoded as replacement characters, so names would be wrong. */
function assertUtf8(text: string): void {
    if (!text.includes("\ufffd")) return
    refuse("invalid", "partner_import.not_utf8", "the file is not in UTF-8: save it as UTF-8 and choose it again")
}

async function readOwners(ctx: ActionContext, keyring: string | Uint8Array) {
    const owners = await readKeyOwners(keyring, ctx.now)
    return owners.map(({ name, mail, refusal }, index) => ({
        line: index + 1,
        name: name || nameOfMail(mail),
        mail,
        reason: refusal && reasonOf(refusal),
    }))
}

const columns = ["name", "mail", "tier", "status", "person_name", "person_mail", "role", "duties"] as const
type Cells = Readonly<Partial<Record<(typeof columns)[number], string>>>

/** A record as the library gives it, with the last of its lines. */
interface ParsedRecord {
    readonly record: Cells
    readonly info: { readonly lines: number; readonly columns: readonly { readonly name: string }[] }
}

/** Reads the records of a CSV file. Columns are in any order, and other columns are ignored. */
export function readCsv(csv: string, role: string): readonly ImportEntry[] {
    const records = parseRecords(csv)
    const names = new Set(records[0]?.info.columns.map(({ name }) => name))
    const missing = ["name", "mail"].find((name) => !names.has(name))
    if (records.length === 0) {
        refuse(
            "invalid",
            "partner_import.no_partner",
            "the file has no partner: the first line names the columns name and mail",
        )
    }
    if (missing !== undefined) {
        refuse(
            "invalid",
            "partner_import.missing_column",
            `the first line has no column \`${missing}\`: name the columns name and mail`,
            { column: missing },
        )
    }
    return records.map(({ record, info }) => entryOf(record, info.lines, names, role))
}

function entryOf(cells: Cells, line: number, names: ReadonlySet<string>, role: string): ImportEntry {
    const { name = "", mail = "", tier = "", status = "", duties = "" } = cells
    const { person_name: personName = "", person_mail: personMail = "" } = cells
    const hasPerson = personName !== "" || personMail !== ""
    return {
        line,
        partner: { name, mail, tier: names.has("tier") ? tier : null, status, duties },
        person: hasPerson ? { name: personName, mail: personMail, role: cells.role || role } : null,
        reason: null,
    }
}

/** The separator of the first line: a semicolon as Excel writes it in many countries, else a comma. */
function separatorOf(csv: string): string {
    const [head = ""] = csv.trimStart().split(/\r|\n/, 1)
    return head.split(";").length > head.split(",").length ? ";" : ","
}

function parseRecords(csv: string): readonly ParsedRecord[] {
    try {
        return parse<ParsedRecord>(csv, {
            bom: true,
            delimiter: separatorOf(csv),
            columns: (header: readonly string[]) => header.map((name) => name.toLowerCase()),
            info: true,
            record_delimiter: ["\r\n", "\n", "\r"],
            relax_column_count: true,
            skip_empty_lines: true,
            trim: true,
        })
    } catch (error) {
        const { lines } = error as { readonly lines?: number }
        const where = lines === undefined ? "the file" : `line ${lines}`
        refuse("invalid", "partner_import.not_csv", `${where} is not valid CSV: a quotation mark may be missing`, {
            where,
        })
    }
}

/** Imports partners from a CSV file (RFC 4180). */
import { parse } from "csv-parse/sync"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type ImportLine, type ImportRecord, readImport } from "../partner-import.ts"
import { addPartner } from "./change-partner.ts"
import { listNamesAndMails } from "./load-facts.ts"

interface Imported {
    readonly lines: readonly ImportLine[]
    /** The partners that were added. */
    readonly added: readonly string[]
}

/** Says what each line does. With `commit`, adds the new partners; lines with an error add none. */
export async function importPartners(ctx: ActionContext, csv: string, commit: boolean): Promise<Imported> {
    const lines = readImport(parseRecords(csv), [...(await listNamesAndMails(ctx)).values()])
    const added: string[] = []
    for (const { partner } of commit ? lines : []) {
        if (partner !== null) added.push(await addPartner(ctx, partner))
    }
    return { lines, added }
}

/** A record as the library gives it, with the last of its lines. */
interface ParsedRecord {
    readonly record: ImportRecord["cells"]
    readonly info: { readonly lines: number; readonly columns: readonly { readonly name: string }[] }
}

export function parseRecords(csv: string): readonly ImportRecord[] {
    try {
        const records = parse<ParsedRecord>(csv, {
            bom: true,
            columns: (header: readonly string[]) => header.map((name) => name.toLowerCase()),
            info: true,
            record_delimiter: ["\r\n", "\n", "\r"],
            relax_column_count: true,
            skip_empty_lines: true,
            trim: true,
        })
        return records.map(({ record, info }) => {
            return { line: info.lines, names: info.columns.map(({ name }) => name), cells: record }
        })
    } catch (error) {
        const { lines } = error as { readonly lines?: number }
        const where = lines === undefined ? "the file" : `line ${lines}`
        refuse("invalid", "partner_import.not_csv", `${where} is not valid CSV: a quotation mark may be missing`, {
            where,
        })
    }
}

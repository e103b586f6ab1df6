/** Describes why a database is in quarantine, for readers of the notice and for signers of its end. */
import type { Difference } from "../../../../server/src/models/high-water.ts"

export const reasonTexts: Readonly<Record<Difference, string>> = {
    file_missing: "The high-water file beside the key file is missing.",
    file_damaged: "The high-water file was edited or damaged. It was moved aside.",
    file_incomplete: "The high-water file was lost before, and proves nothing.",
    audit_log_behind: "The audit log is shorter than what was signed.",
    audit_log_differs: "The audit log has another past than what was signed.",
    receipt_log_behind: "The receipt log is shorter than it was.",
    receipt_log_differs: "The receipt log has another past.",
    access_behind: "Suspensions or other ends of access are missing.",
    access_differs: "Other ends of access were recorded than those in the file.",
    clock_behind: "The database has seen an earlier time than the file.",
}

const counted = (count: number, noun: string): string =>
    `${count} ${noun}${count === 1 ? "" : noun === "batch" ? "es" : "s"}`

/** Describes what partners' receipts prove about the receipt log. */
export function provenInWords({ receipts, batches }: { readonly receipts: number; readonly batches: number }): string {
    if (receipts === 0) return "No receipt of a partner was compared."
    const prove = receipts === 1 ? "proves" : "prove"
    return `${counted(receipts, "receipt")} ${prove} ${counted(batches, "batch")} of the receipt log.`
}

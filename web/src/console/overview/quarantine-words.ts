/** Describes why a database is in quarantine, for readers of the notice and for signers of its end. */
import type { AccessEnd, Difference } from "../../../../server/src/models/high-water.ts"
import { t, valueText } from "../../messages/message.ts"

export const reasonTexts: Readonly<Record<Difference, string>> = {
    file_missing: t("The high-water file beside the key file is missing."),
    file_damaged: t("The high-water file was edited or damaged. It was moved aside."),
    file_incomplete: t("The high-water file was lost before, and proves nothing."),
    audit_log_behind: t("The audit log is shorter than what was signed."),
    audit_log_differs: t("The audit log has another past than what was signed."),
    receipt_log_behind: t("The receipt log is shorter than it was."),
    receipt_log_differs: t("The receipt log has another past."),
    access_behind: t("Suspensions or other ends of access are missing."),
    access_differs: t("Other ends of access were recorded than those in the file."),
    clock_behind: t("The database has seen an earlier time than the file."),
    restored: t("This database was restored from a backup."),
}

const endedTexts: Readonly<Record<AccessEnd["kind"], (count: number) => string>> = {
    partner: (count) => t("{count, plural, one {# partner} other {# partners}}", { count }),
    person: (count) => t("{count, plural, one {# person} other {# people}}", { count }),
    credential: (count) =>
        t("{count, plural, one {# session, token or account} other {# sessions, tokens and accounts}}", { count }),
    key: (count) => t("{count, plural, one {# key of a partner} other {# keys of partners}}", { count }),
    passkey: (count) => t("{count, plural, one {# passkey} other {# passkeys}}", { count }),
    machine_client: (count) => t("{count, plural, one {# machine client} other {# machine clients}}", { count }),
    spent_budget: (count) =>
        t("{count, plural, one {# error budget of a version} other {# error budgets of versions}}", { count }),
    data_key: (count) => t("{count, plural, one {content of # case} other {content of # cases}}", { count }),
    signing_key: (count) => t("{count, plural, one {# key of a log} other {# keys of logs}}", { count }),
    publisher_key: (count) => t("{count, plural, one {# key of advisories} other {# keys of advisories}}", { count }),
}

interface Ended {
    readonly kind: AccessEnd["kind"]
    readonly id: string
    readonly status: string | null
}

/** Lists what ended: each partner with its status, then the number of each other kind. */
export function endedLines(ended: readonly Ended[], partnerName: (id: string) => string): string[] {
    const partners = ended
        .filter(({ kind }) => kind === "partner")
        .map(({ id, status }) => `${partnerName(id)}: ${valueText(status ?? "")}`)
    const others = Map.groupBy(
        ended.filter(({ kind }) => kind !== "partner"),
        ({ kind }) => kind,
    )
    return [...partners, ...[...others].map(([kind, items]) => endedTexts[kind](items.length))]
}

/** Describes what partners' receipts prove about the receipt log. */
export function provenInWords({ receipts, batches }: { readonly receipts: number; readonly batches: number }): string {
    if (receipts === 0) return t("No receipt of a partner was compared.")
    return t(
        "{receipts, plural, one {# receipt proves} other {# receipts prove}} " +
            "{batches, plural, one {# batch} other {# batches}} of the receipt log.",
        { receipts, batches },
    )
}

/** The rail of a correction: its changes, its checks, and who is notified. */
import type { ReactNode } from "react"
import { Facts, Section } from "../../../kit/table.tsx"
import { useMatrix } from "../../cases/case-reads.ts"
import type { Line } from "../../../kit/markdown/line-diff.ts"
import type { Check } from "../waves/readiness.ts"
import { type Correction, changesBetween } from "./page-changes.ts"
import type { Case } from "../../answers.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { listText, rich, t } from "../../../messages/message.ts"

const shownMax = 12
const signs = { new: "+", gone: "−", same: "" } as const
const looks = { new: "wider", gone: "narrower", same: "" } as const

export function Changes({ correction, others }: { correction: Correction | null; others?: ReactNode }) {
    const changes = correction === null ? [] : changesBetween(correction.before, correction.after)
    return (
        <Section title={t("Changes")} count={changes.length}>
            {changes.length === 0 && <p className="soft">{others ?? t("No changes of the public page yet.")}</p>}
            {changes.length > 0 && (
                <ul className="panel list">
                    {changes.slice(0, shownMax).map(({ kind, text }, n) => (
                        <li key={`${n} ${text}`} className={looks[kind]}>
                            <span aria-hidden="true">{signs[kind]}</span>
                            <span className="clipped">{lineText({ kind, text })}</span>
                        </li>
                    ))}
                    {changes.length > shownMax && (
                        <li>{t("and {count} more", { count: changes.length - shownMax })}</li>
                    )}
                </ul>
            )}
        </Section>
    )
}

/** Says to screen readers what the sign before the line means. */
function lineText({ kind, text }: Line): ReactNode {
    const values = { line: text, unseen: (words: ReactNode) => <span className="unseen">{words}</span> }
    if (kind === "same") return text
    return kind === "new" ? rich("<unseen>new:</unseen> {line}", values) : rich("<unseen>gone:</unseen> {line}", values)
}

/** Checks a correction: each line is ready or not. */
export function checksOf({ faults, documents }: Correction): readonly Check[] {
    const built = documents.filter(({ after }) => after !== null)
    const csaf = built.filter(({ name }) => name.includes("CSAF")).length
    const cve = built.filter(isCveRecord).length
    const advisory: Check =
        faults.length === 0
            ? {
                  isReady: true,
                  text: t("CSAF: valid, 0 errors in {documents, plural, one {# document} other {# documents}}", {
                      documents: csaf,
                  }),
              }
            : {
                  isReady: false,
                  text: t("{errors, plural, one {# error} other {# errors}}: {first}", {
                      errors: faults.length,
                      first: faults[0]?.says ?? "",
                  }),
              }
    if (cve === 0) return [advisory]
    const records: Check = {
        isReady: true,
        text: t(
            "{records, plural, one {# CVE record and the page have the same facts} other {# CVE records and the page have the same facts}}",
            { records: cve },
        ),
    }
    return [advisory, records]
}

/** The server names the documents. */
const isCveRecord = ({ name }: Correction["documents"][number]): boolean => name.endsWith("(CVE JSON)")

interface NotificationsProps {
    subject: Case
    correction: Correction | null
    /** The partners of the requests; null: not requested yet. */
    recipients: readonly string[] | null
}

/** Lists the recipients of the correction. */
export function Notifications({ subject, correction, recipients }: NotificationsProps) {
    const entitlements = useMatrix(subject.id).data?.entitlements ?? []
    const entitled = new Set(
        entitlements.filter(({ decision }) => decision.from !== null).map(({ partner }) => partner),
    )
    const partners = recipients ?? [...entitled]
    const cve = correction?.documents.filter(isCveRecord).length ?? 0
    const finder = (subject.finder ?? "").trim()
    return (
        <Section title={t("Notifications")}>
            <Facts
                items={[
                    [t("Partners"), t("{count}, by notice without content", { count: partners.length })],
                    [t("Public"), t("page, CSAF 2.0 and 2.1, feeds")],
                    ...(cve > 0
                        ? [["CVE", t("{records, plural, one {# record} other {# records}}", { records: cve })] as const]
                        : []),
                    ...(finder === ""
                        ? []
                        : [[t("Finder"), t("{finder}: Tocsin sends no notice", { finder })] as const]),
                ]}
            />
            <PartnerNames partners={partners} />
        </Section>
    )
}

function PartnerNames({ partners }: { partners: readonly string[] }) {
    const names = useNames()
    if (partners.length === 0) return null
    return (
        <details className="folded">
            <summary>{t("Names of the partners")}</summary>
            <p className="soft small">{listText(partners.map(names.partner).toSorted((a, b) => a.localeCompare(b)))}</p>
        </details>
    )
}

/** The rail of a correction: its changes, its checks, and who is notified. */
import type { ReactNode } from "react"
import { Facts, Section } from "../../../kit/table.tsx"
import { useMatrix } from "../../cases/case-reads.ts"
import { type Check, count } from "../waves/readiness.ts"
import { type Correction, changesBetween } from "./page-changes.ts"
import { rich, t } from "../../../messages/message.ts"

const shownMax = 12
const signs = { new: "+", gone: "−", same: "" } as const
const looks = { new: "wider", gone: "narrower", same: "" } as const
const words = { new: "new: ", gone: "gone: ", same: "" } as const

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
                            <span className="clipped">
                                <span className="unseen">{words[kind]}</span>
                                {text}
                            </span>
                        </li>
                    ))}
                    {changes.length > shownMax && (
                        <li>{rich("and {changes} more", { changes: changes.length - shownMax })}</li>
                    )}
                </ul>
            )}
        </Section>
    )
}

/** Checks a correction: each line is ready or not. */
export function checksOf({ faults, documents }: Correction): readonly Check[] {
    const built = documents.filter(({ after }) => after !== null)
    const [csaf, cve] = ["CSAF", t("(CVE JSON)")].map((kind) => built.filter(({ name }) => name.includes(kind)).length)
    return [
        faults.length === 0
            ? { isReady: true, text: t("CSAF: valid, 0 errors in {count}", { count: count(csaf ?? 0, "document") }) }
            : { isReady: false, text: `${count(faults.length, "error")}: ${faults[0]?.says ?? ""}` },
        ...(cve === undefined || cve === 0
            ? []
            : [
                  {
                      isReady: true,
                      text: t("{cve} and the page have the same facts", { cve: count(cve, t("CVE record")) }),
                  },
              ]),
    ]
}

interface NotificationsProps {
    caseId: string
    correction: Correction | null
    /** The partners of the requests; null: not requested yet. */
    recipients: number | null
}

export function Notifications({ caseId, correction, recipients }: NotificationsProps) {
    const entitlements = useMatrix(caseId).data?.entitlements ?? []
    const entitled = new Set(
        entitlements.filter(({ decision }) => decision.from !== null).map(({ partner }) => partner),
    )
    const cve = correction?.documents.filter(({ name }) => name.endsWith(t("(CVE JSON)"))).length ?? 0
    return (
        <Section title={t("Notifications")}>
            <Facts
                items={[
                    [
                        t("Partners"),
                        t("{recipients}, by notice without content", { recipients: recipients ?? entitled.size }),
                    ],
                    [t("Public"), t("page, CSAF 2.0 and 2.1, feeds")],
                    ...(cve > 0 ? [["CVE", count(cve, "record")] as const] : []),
                ]}
            />
        </Section>
    )
}

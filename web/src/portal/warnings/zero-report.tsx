/** A zero report in one press, and the answer where it was pressed: what was sent, and how to withdraw it. */
import { useState } from "react"
import { read, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { useWhyNot } from "../viewer.ts"
import { rich, t } from "../../messages/message.ts"

/** Reports that nothing was seen since the instant (null: since now), up to now. Answers the report's id. */
export function zeroReport(warning: string, since: string | null) {
    return {
        send: async (key?: string) => {
            const { now } = await read("/api/me")
            const id = crypto.randomUUID()
            const period = { zeroReportSince: since ?? now, observedAt: now }
            await writeTo("POST", "/api/sightings", { id, warning, clock: "unknown" as const, ...period }).send(key)
            return { id }
        },
    }
}

/** A warning, and the instant since which its partner looks for exploitation. */
export interface SearchedWarning {
    readonly id: string
    readonly title: string
    readonly since: string
}

interface SentReport {
    readonly id: string
    readonly title: string
}

/** The reports that were sent from one list: their rows may be gone from it by then. */
export function useSentReports() {
    const [sent, setSent] = useState<readonly SentReport[]>([])
    return {
        sent,
        add: (report: SentReport) => setSent((before) => [...before, report]),
        remove: (id: string) => setSent((before) => before.filter((report) => report.id !== id)),
    }
}

type SentReportsProps = ReturnType<typeof useSentReports>

export function SendZeroReport({ warning, reports }: { warning: SearchedWarning; reports: SentReportsProps }) {
    const { id, title, since } = warning
    return (
        <Do
            write={zeroReport(id, since)}
            disabledReason={useWhyNot()("sighting:own")}
            onDone={(answer) => reports.add({ id: answer.id, title })}
        >
            {rich("Zero report<unseen> for {title}</unseen>", {
                title,
                unseen: (text) => <span className="unseen">{text}</span>,
            })}
        </Do>
    )
}

export function SentReports({ sent, remove }: SentReportsProps) {
    return (
        <output className="sent-reports">
            {sent.map(({ id, title }) => (
                <div key={id} className="notice good">
                    <span>{t("Zero report sent for {title}. Only the operator sees it.", { title })}</span>
                    <Do look="quiet" write={writeTo("POST", `/api/sightings/${id}/withdraw`)} onDone={() => remove(id)}>
                        {t("Withdraw report")}
                    </Do>
                </div>
            ))}
        </output>
    )
}

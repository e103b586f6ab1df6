/** The audit log: filters, events as sentences, one event in the rail, and the verification of the whole log. */
import { useRead } from "../api.ts"
import { type SearchTexts, useSearchTexts } from "../../kit/address.ts"
import { Button } from "../../kit/button.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { isTelephone } from "../../kit/layout/telephone.ts"
import { Page } from "../../kit/layout/page.tsx"
import { EventList } from "./event-list.tsx"
import { useNaming } from "./event-names.tsx"
import { EventPanel } from "./event-panel.tsx"
import { Filters } from "./filters.tsx"
import { kindFilter } from "./sentence.ts"
import { LogActions, VerificationBand, useVerification } from "./verification.tsx"
import { t } from "../../messages/message.ts"

const filterNames = ["case", "partner", "person", "from", "until"] as const

/** Returns the address of the events that the page's filters choose. */
function addressOf(texts: SearchTexts): string {
    const chosen = filterNames.flatMap((name) => {
        const value = texts[name]
        if (value === undefined) return []
        return [[name, name === "from" || name === "until" ? `${value}T00:00:00Z` : value]]
    })
    const kinds = kindFilter(texts["groups"]?.split(" ") ?? [])
    const query = new URLSearchParams([
        ["limit", isTelephone() ? "20" : "50"],
        ...chosen,
        ...(kinds === null ? [] : [["kind", kinds]]),
        ...(texts["after"] === undefined ? [] : [["after", texts["after"]]]),
    ])
    return `/api/audit-log?${query}`
}

export function AuditLogScreen() {
    const page = useRead(addressOf(useSearchTexts()[0]) as "/api/audit-log")
    const verification = useVerification(page.data?.checkpoint ?? null)
    return (
        <Page
            title={t("Audit log")}
            lead={t("Every action, decision and delivery, in order. Any later change is detectable.")}
            aside={<LogActions verification={verification} />}
        >
            <VerificationBand verification={verification} checkpoint={page.data?.checkpoint ?? null} />
            <Events />
        </Page>
    )
}

/** Filters, the events that they choose, and one event in the rail. With a case, only the case's events. */
export function Events({ caseId }: { caseId?: string }) {
    const [texts, change] = useSearchTexts()
    const page = useRead(addressOf(caseId === undefined ? texts : { ...texts, case: caseId }) as "/api/audit-log")
    const naming = useNaming()
    const chosen = texts["event"]
    return (
        <div className={chosen === undefined ? "log" : "log with-event"}>
            <Filters texts={texts} change={change} naming={naming} ofCase={caseId !== undefined} />
            <Loaded query={page}>
                {({ events, next }) => (
                    <div className="log-list">
                        {events.length === 0 ? (
                            <Empty title={t("No events match.")}>{t("Remove a filter to see more events.")}</Empty>
                        ) : (
                            <EventList
                                events={events}
                                naming={naming}
                                chosen={chosen ?? null}
                                change={change}
                                ofCase={caseId ?? null}
                            />
                        )}
                        <div className="row end">
                            {texts["after"] !== undefined && (
                                <Button onPress={() => change({ after: null })}>{t("Newest")}</Button>
                            )}
                            {next !== null && <Button onPress={() => change({ after: next })}>{t("Older")}</Button>}
                        </div>
                    </div>
                )}
            </Loaded>
            {chosen !== undefined && (
                <EventPanel seq={Number(chosen)} events={page.data?.events ?? []} naming={naming} change={change} />
            )}
        </div>
    )
}

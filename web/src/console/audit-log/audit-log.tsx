/** The audit log: filters, events as sentences, one event in the rail, and the verification of the whole log. */
import type { ReactNode } from "react"
import { useRead } from "../api.ts"
import { type SearchTexts, useSearchTexts } from "../../kit/address.ts"
import { Button } from "../../kit/button.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { EventList } from "./event-list.tsx"
import { useNaming } from "./event-names.tsx"
import { EventPanel } from "./event-panel.tsx"
import { Filters } from "./filters.tsx"
import { kindFilter } from "./sentence.ts"
import { LogActions, VerificationBand, useVerification } from "./verification.tsx"

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
        ["limit", "50"],
        ...chosen,
        ...(kinds === null ? [] : [["kind", kinds]]),
        ...(texts["after"] === undefined ? [] : [["after", texts["after"]]]),
    ])
    return `/api/audit-log?${query}`
}

export function AuditLogScreen() {
    const [texts, change] = useSearchTexts()
    const page = useRead(addressOf(texts) as "/api/audit-log")
    const naming = useNaming()
    const verification = useVerification()
    const chosen = texts["event"]
    return (
        <Page
            title="Audit log"
            lead="Every action, decision and delivery, in order. Any later change is detectable."
            aside={<LogActions verification={verification} />}
        >
            <VerificationBand verification={verification} checkpoint={page.data?.checkpoint ?? null} />
            <div className={chosen === undefined ? "log" : "log with-event"}>
                <Filters texts={texts} change={change} naming={naming} />
                <Loaded query={page}>
                    {({ events, next }) => (
                        <div className="log-list">
                            {events.length === 0 ? (
                                <Empty title="No events match.">Remove a filter to see more events.</Empty>
                            ) : (
                                <EventList events={events} naming={naming} chosen={chosen ?? null} change={change} />
                            )}
                            <Paging>
                                {texts["after"] !== undefined && (
                                    <Button onPress={() => change({ after: null })}>Newest</Button>
                                )}
                                {next !== null && <Button onPress={() => change({ after: next })}>Older</Button>}
                            </Paging>
                        </div>
                    )}
                </Loaded>
                {chosen !== undefined && (
                    <EventPanel seq={Number(chosen)} events={page.data?.events ?? []} naming={naming} change={change} />
                )}
            </div>
        </Page>
    )
}

function Paging({ children }: { children: ReactNode }) {
    return <div className="row end">{children}</div>
}

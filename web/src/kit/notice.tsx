/** Notices of a screen: loading, empty, failed, done. */
import type { UseQueryResult } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { Refused } from "./api.ts"
import { permissions } from "../../../server/src/kernel/permissions.ts"
import { langOf, listText, t, valueText } from "../messages/message.ts"

export type Tone = "plain" | "good" | "due" | "bad"

export function Notice({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
    return (
        <div className={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
            {children}
        </div>
    )
}

/** Returns whether the answer says that nothing happens before a signature. */
export function waits(answer: unknown): boolean {
    const { done, approval } = (answer ?? {}) as { done?: unknown; approval?: unknown }
    return done === false && typeof approval === "string"
}

export function WaitsForSecond() {
    return <Notice tone="due">{t("A second person must sign this first. It waits under “Overview”.")}</Notice>
}

export function Failed({ error }: { error: Error | null }) {
    if (error === null) return null
    if (error instanceof Refused && error.code === "request.not_allowed")
        return <NoRight permission={String(error.values["permission"] ?? "")} />
    return (
        <Notice tone="bad">
            <span lang={langOf(error.message)}>{error.message}</span>{" "}
            {error instanceof Refused && <code className="code">{error.code}</code>}
        </Notice>
    )
}

function NoRight({ permission: name }: { permission: string }) {
    const { operators = [], partners = [] } = permissions[name] ?? {}
    const roles = (operators.length > 0 ? operators : partners).map(valueText)
    return (
        <Empty title={t("Your roles do not include this.")}>
            {roles.length === 0
                ? t("No role has this permission.")
                : t("It needs the role {roles}. An admin or a lead assigns roles.", { roles: listText(roles, "or") })}
        </Empty>
    )
}

/** Shown in place of content for other roles. `reason` is from `useWhyNot`. */
export function NoAccess({ reason }: { reason: string }) {
    return <Empty title={t("Your roles do not include this.")}>{t("This view is {reason}.", { reason })}</Empty>
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
    return (
        <div className="empty">
            <p className="empty-title">{title}</p>
            {children !== undefined && <p>{children}</p>}
        </div>
    )
}

/** Returns whether the viewer may not see it, or no longer. The screen then shows nothing of it. */
export function isRefused(error: Error | null): boolean {
    return error instanceof Refused && [401, 403, 404].includes(error.status)
}

interface LoadedProps<Answer> {
    query: UseQueryResult<Answer, Error>
    children: (answer: Answer) => ReactNode
}

/**
 * Shows the answer; until then a loading notice or the error. A reload keeps the old content, unless the server refuses
 * it.
 */
export function Loaded<Answer>({ query, children }: LoadedProps<Answer>) {
    if (isRefused(query.error) || (query.data === undefined && query.error)) return <Failed error={query.error} />
    if (query.data !== undefined) return children(query.data)
    return <Waiting error={null} />
}

/** Shows a loading notice or the error. */
export function Waiting({ error }: { error: Error | null }) {
    if (error !== null) return <Failed error={error} />
    return (
        <p className="loading" aria-busy="true">
            {t("Loading…")}
        </p>
    )
}

/**
 * The terms of an embargo for its invited parties, and their possible actions: the same for partners and external
 * parties.
 */
import type { Consent } from "../../../../server/src/share/cases/consent.ts"
import type { Write } from "../../kit/api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Notice } from "../../kit/notice.tsx"
import { Badge, Facts } from "../../kit/table.tsx"
import type { Words } from "../../kit/text.ts"
import type { Invited } from "../answers.ts"
import { isOver, termsOf } from "./terms.ts"
import { rich, t } from "../../messages/message.ts"

const stateWords: Words<Consent> = {
    none: { name: t("not invited"), tone: "plain" },
    invited: { name: t("answer needed"), tone: "due" },
    signatory: { name: t("accepted"), tone: "good" },
    expired: { name: t("answer needed"), tone: "due" },
    declined: { name: t("declined"), tone: "plain" },
}

export function ConsentBadge({ request, now }: { request: Invited; now: string }) {
    const { state, answerBy, leftAt, closedAt } = request
    if (leftAt !== null) return <Badge>{t("left")}</Badge>
    if (state === "declined") return <Badge>{answerBy === null ? t("declined") : t("expired, declined")}</Badge>
    if (closedAt !== null) return <Badge>{t("cancelled")}</Badge>
    if (isOver(request, now)) return <Badge>{t("ended")}</Badge>
    return <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge>
}

/** Shows state, instants and history. `lapsed`: the consequence of lapsed consent here. */
export function EmbargoTerms({ request, now, lapsed }: { request: Invited; now: string; lapsed: string }) {
    const { state, answerBy, closedAt, leftAt } = request
    return (
        <>
            {closedAt !== null && (
                <Notice tone="due">
                    <span>
                        {rich("The case was cancelled on {cancelled}. It will not be published.", {
                            cancelled: <When at={closedAt} />,
                        })}
                    </span>
                </Notice>
            )}
            {state === "expired" && !isOver(request, now) && <Notice tone="due">{lapsed}</Notice>}
            <Facts
                items={[
                    [t("Embargo until"), <Until key="until" request={request} now={now} />],
                    ...(answerBy === null ? [] : [[t("Answer by"), <At key="by" at={answerBy} now={now} />] as const]),
                    ...(leftAt === null ? [] : [[t("You left"), <At key="left" at={leftAt} now={now} />] as const]),
                ]}
            />
            <History request={request} />
        </>
    )
}

function Until({ request, now }: { request: Invited; now: string }) {
    const terms = termsOf(request)
    if (request.publication !== null) return <At at={request.publication} now={now} />
    if (terms === null) return <span className="muted">{t("no end agreed yet")}</span>
    return (
        <>
            <At at={terms} now={now} /> <span className="muted">{t("proposed, not agreed yet")}</span>
        </>
    )
}

function At({ at, now }: { at: string; now: string }) {
    return (
        <>
            <When at={at} /> <Distance at={at} now={now} />
        </>
    )
}

const kinds: Readonly<Record<Invited["history"][number]["kind"], string>> = {
    proposed: t("proposed"),
    rejected: t("rejected"),
    agreed: t("agreed"),
    moved: t("moved"),
    terminated: t("embargo terminated"),
    ended: t("ended"),
}

const authors = { you: t("by you"), another: t("by the operator or another party") } as const

function History({ request: { history, state } }: { request: Invited }) {
    if (history.length === 0) return <Empty title={t("No end proposed yet.")} />
    return (
        <>
            <ol className="history" aria-label={t("History of the embargo")}>
                {history.map(({ kind, at, endsAt, by, open }, n) => (
                    <li key={n}>
                        <strong>{kinds[kind]}</strong> <When at={at} />
                        {endsAt !== null && <span>{rich("ends {end}", { end: <When at={endsAt} /> })}</span>}
                        {by !== null && <span className="muted">{authors[by]}</span>}
                        {open && <Badge tone="due">{t("not decided")}</Badge>}
                    </li>
                ))}
            </ol>
            {state === "declined" && (
                <p className="muted">{t("You declined this embargo, so you get no further content of it.")}</p>
            )}
        </>
    )
}

interface ProposeProps {
    request: Invited
    disabledReason?: string | null
    write: (endsAt: string) => Write
}

export function ProposeEnd({ request, disabledReason = null, write }: ProposeProps) {
    return (
        <FormDialog
            button={t("Propose another end…")}
            title={t("Propose another end")}
            submit={t("Propose end")}
            disabledReason={disabledReason}
            requests={[{ name: "endsAt", label: t("Ends at"), kind: "instant", initial: termsOf(request) ?? "" }]}
            write={({ endsAt }) => write(endsAt)}
        >
            <p className="muted">
                {t(
                    "The operator decides. Until then the agreed end stays. All invited parties see the proposed end; only the operator sees that you proposed it.",
                )}
            </p>
        </FormDialog>
    )
}

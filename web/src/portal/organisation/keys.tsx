/** The keys that copies are sealed for: active, waiting and expired. */
import type { ReactNode } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { writeTo } from "../api.ts"
import { isEnded, isRevoked, isUsable, keysMax } from "../../../../server/src/trust/partners/keys/key.ts"
import { Do, type Look } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Notice } from "../../kit/notice.tsx"
import { Badge, Section, Short, Table } from "../../kit/table.tsx"
import { isCertificate, isOpenPgp } from "@tocsin/client/openpgp-recipient"
import { isHybrid, recipientText } from "@tocsin/client/recipient"
import { recipientFault } from "../age.ts"
import type { Key } from "../answers.ts"
import { type Times, timesOf, usableIn } from "./key-state.ts"
import { ConfirmKey, TestCopy } from "./test-copy.tsx"
import { useMe, useNameOf, useWhyNot } from "../viewer.ts"
import { rich, t } from "../../messages/message.ts"

export function Keys() {
    const me = useMe()
    const { keys } = me.partner
    const kinds = new Set(usableIn(me).flatMap(({ recipient }) => (isOpenPgp(recipient) ? [] : isHybrid(recipient))))
    return (
        <Section title={t("Keys")} count={keys.length}>
            <p className="caution">
                {t(
                    "Each copy is sealed to all usable age keys, or without one to all usable OpenPGP keys. A lead adds the public key. Keep the identity secret: the operator cannot open copies, and cannot replace a lost identity.",
                )}
            </p>
            {usableIn(me).length === 0 && (
                <Notice tone="bad">{t("No usable key. You cannot fetch copies until a key is usable.")}</Notice>
            )}
            {kinds.size === 2 && (
                <Notice>
                    {t("Copies are post-quantum once all usable keys are. Until then your other keys open them too.")}
                </Notice>
            )}
            {keys.length === 0 ? (
                <Empty title={t("No keys yet.")}>{t("A lead adds one. The first key is usable at once.")}</Empty>
            ) : (
                <Table
                    caption={t("Keys that copies are sealed for")}
                    rows={keys}
                    keyOf={(key) => key.id}
                    columns={[
                        { name: t("Recipient"), cell: (key) => <Recipient subject={key} /> },
                        { name: t("State"), cell: (key) => <KeyState subject={key} /> },
                        { name: t("Test copy"), cell: (key) => <TestState subject={key} /> },
                        {
                            name: t("Actions"),
                            cell: (key) => (
                                <div className="row end">
                                    <Confirm subject={key} />
                                    <Revoke subject={key} />
                                </div>
                            ),
                            end: true,
                        },
                    ]}
                />
            )}
        </Section>
    )
}

function Recipient({ subject }: { subject: Key }) {
    return (
        <>
            <Short id={subject.recipient} length={20} />{" "}
            {isHybrid(subject.recipient) && <Badge>{t("post-quantum")}</Badge>}
            {isOpenPgp(subject.recipient) && <Badge>{t("OpenPGP")}</Badge>}
            <Added times={subject} />
        </>
    )
}

export function Added({ times }: { times: Times }) {
    return (
        <>
            <span className="muted block">{t("added by {person}", { person: useNameOf()(times.addedBy) })}</span>
            <When at={times.addedAt} short />
        </>
    )
}

function KeyState({ subject }: { subject: Key }) {
    return (
        <>
            <State times={subject} />
            <Origin subject={subject} />
        </>
    )
}

/** Shows which key confirmed a key, or that the operator accepted it. */
function Origin({ subject: { confirmedBy, acceptedAt } }: { subject: Key }) {
    const { keys } = useMe().partner
    const older = keys.find(({ id }) => id === confirmedBy)
    if (older !== undefined) {
        const key = <Short id={older.recipient} length={16} />
        return <span className="muted block">{rich("confirmed by {key}", { key })}</span>
    }
    return acceptedAt === null ? null : <span className="muted block">{t("accepted by the operator")}</span>
}

/** Shows a key's state, with its start or end. */
export function State({ times }: { times: Times }) {
    const { now } = useMe()
    const [key, at] = [timesOf(times), parseInstant(now)]
    if (isRevoked(key, at)) return <StateText badge={<Badge>{t("revoked")}</Badge>} since={times.revokedAt} />
    if (isEnded(key, at)) return <StateText badge={<Badge tone="bad">{t("expired")}</Badge>} since={times.expiresAt} />
    if (isUsable(key, at)) return <StateText badge={<Badge tone="good">{t("usable")}</Badge>} end={times.expiresAt} />
    return (
        <>
            <span className="row">
                <Badge tone="due">{t("waiting")}</Badge>{" "}
                {times.usableFrom !== null && <Distance at={times.usableFrom} now={now} />}
            </span>
            <span className="muted block">
                {times.usableFrom === null
                    ? t("neither confirmed nor accepted yet")
                    : rich("from {start}", { start: <When at={times.usableFrom} short /> })}
            </span>
        </>
    )
}

interface StateTextProps {
    readonly badge: ReactNode
    readonly since?: string | null
    readonly end?: string
}

function StateText({ badge, since = null, end }: StateTextProps) {
    return (
        <>
            {badge}
            <span className="muted block">
                {end === undefined
                    ? rich("since {since}", { since: <When at={since} short /> })
                    : rich("until {end}", { end: <When at={end} short /> })}
            </span>
        </>
    )
}

/** Shows whether a test copy was opened with the key, and otherwise offers one. */
function TestState({ subject }: { subject: Key }) {
    const { now } = useMe()
    if (subject.testedAt !== null) {
        return (
            <span className="row">
                <Badge tone="good">{t("tested")}</Badge> <When at={subject.testedAt} short />
            </span>
        )
    }
    if (isEnded(timesOf(subject), parseInstant(now))) return t("not tested")
    return <TestCopy subject={subject} />
}

/** Offers to confirm a key that is not usable yet, with a usable one. */
function Confirm({ subject }: { subject: Key }) {
    const me = useMe()
    const [disabledReason, now] = [useWhyNot()("own:extend"), parseInstant(me.now)]
    const usableKeys = usableIn(me)
    if (disabledReason !== null || usableKeys.length === 0 || isEnded(timesOf(subject), now)) return null
    if (isUsable(timesOf(subject), now)) return null
    return <ConfirmKey subject={subject} usableKeys={usableKeys} />
}

/** Why the viewer cannot add a key; null: it can. */
export function useWhyNotAdd(): string | null {
    const { now, partner } = useMe()
    const inUse = partner.keys.filter((key) => !isEnded(timesOf(key), parseInstant(now))).length
    const full = inUse >= keysMax ? t("{max} keys at most: revoke one first", { max: keysMax }) : null
    return useWhyNot()("own:extend") ?? full
}

export function AddKey({ look = "plain" }: { look?: Look }) {
    const { partner } = useMe()
    const hint =
        partner.keys.length === 0
            ? t(
                  "The public recipient that age-keygen prints, for example age1…, or an armoured OpenPGP public key. Your first key is usable at once.",
              )
            : t(
                  "The public recipient that age-keygen prints, for example age1…, or an armoured OpenPGP public key. It is usable once you confirm it with your old key, or once the operator accepts it, 24 hours after you added it at the earliest.",
              )
    return (
        <FormDialog
            button={t("Add key…")}
            title={t("Add key for copies")}
            submit={t("Add key")}
            buttonLook={look}
            disabledReason={useWhyNotAdd()}
            requests={[
                {
                    name: "recipient",
                    label: t("Public recipient"),
                    kind: "text",
                    hint,
                    check: recipientFault,
                },
                {
                    name: "end",
                    label: t("Usable until"),
                    kind: "instant",
                    optional: true,
                    hint: t("Leave empty for the longest time that the operator allows."),
                },
            ]}
            write={({ recipient, end }) => {
                const text = recipient.trim()
                const key = isCertificate(text) ? { certificate: text } : { recipient: text }
                return writeTo("POST", "/api/keys", { ...key, ...(end === "" ? {} : { expiresAt: end }) })
            }}
        />
    )
}

function Revoke({ subject }: { subject: Key }) {
    const me = useMe()
    const disabledReason = useWhyNot()("own:lead")
    if (subject.revokedAt !== null || disabledReason !== null) return null
    const usableKeys = usableIn(me)
    const isLast = usableKeys.length === 1 && usableKeys[0]?.id === subject.id
    return (
        <Opens
            button={
                <>
                    {rich("Revoke… {recipient}", {
                        recipient: <span className="unseen">{subject.recipient.slice(0, 20)}</span>,
                    })}
                </>
            }
            title={t("Revoke this key?")}
        >
            {(close) => (
                <>
                    <p>
                        {t(
                            "No further copies are sealed to this key. Copies sealed before can still be opened with it. You cannot undo this.",
                        )}
                    </p>
                    <code className="hash">{recipientText(subject.recipient)}</code>
                    {isLast && (
                        <Notice tone="bad">
                            {t(
                                "No other key is usable. If you revoke this one, it can no longer confirm a new key, and you cannot fetch copies until the operator accepts one.",
                            )}
                        </Notice>
                    )}
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/keys/${subject.id}`)} onDone={close}>
                            {t("Revoke key")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

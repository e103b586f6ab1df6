/** Webhooks: the addresses of the partner's machines that Tocsin calls when there is something to fetch. For leads. */
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { addressLengthMax, readWebAddress } from "../../../../server/src/models/web-address.ts"
import { hasCaseAccess } from "../../../../server/src/trust/partners/partner.ts"
import { type CallOutcome, webhooksMax } from "../../../../server/src/share/webhooks/webhook.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Once } from "../../kit/once.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import { standingWords } from "../../kit/text.ts"
import type { Webhook } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"
import { rich, t } from "../../messages/message.ts"

export function Machines() {
    const disabledReason = useWhyNot()("webhook:own")
    return (
        <Page title={t("Organisation")} tabTitle={t("Machines")}>
            {disabledReason === null ? (
                <Webhooks />
            ) : (
                <Empty title={t("Only leads see machines.")}>{t("Ask a lead of your organisation.")}</Empty>
            )}
        </Page>
    )
}

/** A new secret, and its address. */
type Given = { readonly to: string; readonly secret: string }

function Webhooks() {
    const query = useRead("/api/webhooks")
    const [given, setGiven] = useState<Given | null>(null)
    return (
        <Loaded query={query}>
            {({ webhooks }) => (
                <>
                    <Section
                        title={t("Webhooks")}
                        count={webhooks.length}
                        aside={<Add count={webhooks.length} onSecret={setGiven} />}
                    >
                        <p className="caution">
                            {t(
                                "Tocsin calls your machine within seconds of each notice. A call has no content: it only says “poll”. A test call looks the same.",
                            )}{" "}
                            {rich("Tokens and machine clients are under <link>Your access</link>.", {
                                link: (text) => <Link to="/organisation/access">{text}</Link>,
                            })}
                        </p>
                        {given !== null && (
                            <Once
                                kind={t("Secret that signs the calls to {to}", { to: given.to })}
                                secret={given.secret}
                                onClose={() => setGiven(null)}
                            />
                        )}
                        {webhooks.length === 0 && (
                            <Empty title={t("No webhooks yet.")}>
                                {t("Add an https address of one of your machines.")}
                            </Empty>
                        )}
                        {webhooks.map((webhook) => (
                            <OneWebhook key={webhook.id} webhook={webhook} onSecret={setGiven} />
                        ))}
                    </Section>
                </>
            )}
        </Loaded>
    )
}

const outcomes: Readonly<Record<CallOutcome, (at: ReactNode) => ReactNode>> = {
    "2xx": (at) => rich("The last call {at} succeeded (2xx).", { at }),
    "3xx": (at) => rich("The last call {at} got a redirect (3xx), which Tocsin does not follow.", { at }),
    "4xx": (at) => rich("The last call {at} was refused (4xx).", { at }),
    "410": (at) => rich("The last call {at} was refused permanently (410).", { at }),
    "5xx": (at) => rich("The last call {at} failed with a server error (5xx).", { at }),
    timeout: (at) => rich("The last call {at} got no answer in time.", { at }),
    refused: (at) =>
        rich("The last call {at} could not connect: no public address, no listener, or a wrong certificate.", { at }),
}

function OneWebhook({ webhook, onSecret }: { webhook: Webhook; onSecret: (given: Given) => void }) {
    return (
        <article className="card" aria-label={webhook.address}>
            <div className="card-head">
                <h3 className="hash">{webhook.address}</h3>
                <State webhook={webhook} />
            </div>
            <LastCall webhook={webhook} />
            <p>
                {rich("Calls are also signed with this key (“v1a”): {publicKey}", {
                    publicKey: <code className="hash">{webhook.publicKey}</code>,
                })}
            </p>
            <div className="row">
                <Actions on={webhook} onSecret={onSecret} />
            </div>
        </article>
    )
}

function State({ webhook: { disabledAt, failingSince, lastOutcome } }: { webhook: Webhook }) {
    if (disabledAt !== null) return <Badge tone="bad">{t("disabled")}</Badge>
    if (failingSince !== null) return <Badge tone="due">{t("failing")}</Badge>
    return lastOutcome === null ? <Badge>{t("not called yet")}</Badge> : <Badge tone="good">{t("works")}</Badge>
}

function LastCall({ webhook }: { webhook: Webhook }) {
    const { lastOutcome, lastAt, failingSince, disabledAt, previousUntil } = webhook
    return (
        <>
            {lastOutcome !== null && lastAt !== null && <p>{outcomes[lastOutcome](<When at={lastAt} short />)}</p>}
            {disabledAt !== null && (
                <Notice tone="bad">
                    <span>
                        {rich("Disabled since {since}. Repair your machine, then send again.", {
                            since: <When at={disabledAt} short />,
                        })}
                    </span>
                </Notice>
            )}
            {disabledAt === null && failingSince !== null && (
                <p className="caution">
                    {rich("Failing since {since}. Tocsin tries again, and disables the webhook after five days.", {
                        since: <When at={failingSince} short />,
                    })}
                </p>
            )}
            {previousUntil !== null && (
                <p className="muted">
                    {rich("The previous secret also signs calls until {end}.", {
                        end: <When at={previousUntil} short />,
                    })}
                </p>
            )}
        </>
    )
}

function Actions({ on, onSecret }: { on: Webhook; onSecret: (given: Given) => void }) {
    const { status } = useMe().partner
    const address = <span className="unseen">{on.address}</span>
    const path = `/api/webhooks/${on.id}` as const
    return (
        <>
            {hasCaseAccess(status) && (
                <>
                    {on.disabledAt === null && (
                        <Do write={writeTo("POST", `${path}/test`)}>{rich("Send test {address}", { address })}</Do>
                    )}
                    {on.lastOutcome !== null && (
                        <Do write={writeTo("POST", `${path}/redeliver`)}>
                            {rich("Send again {address}", { address })}
                        </Do>
                    )}
                    <Rotate webhook={on} onSecret={onSecret} />
                </>
            )}
            <Remove webhook={on} />
        </>
    )
}

function Rotate({ webhook, onSecret }: { webhook: Webhook; onSecret: (given: Given) => void }) {
    const name = <>{rich("New secret… {address}", { address: <span className="unseen">{webhook.address}</span> })}</>
    return (
        <Opens button={name} title={t("Create a new secret?")}>
            {(close) => (
                <>
                    <p>{t("Both secrets sign calls for 24 hours. Install the new one within that time.")}</p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={writeTo("POST", `/api/webhooks/${webhook.id}/rotate-secret`)}
                            onDone={(answer) => {
                                onSecret({ to: webhook.address, secret: answer.secret })
                                close()
                            }}
                        >
                            {t("Create secret")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Remove({ webhook }: { webhook: Webhook }) {
    const name = <>{rich("Delete… {address}", { address: <span className="unseen">{webhook.address}</span> })}</>
    return (
        <Opens button={name} title={t("Delete this webhook?")}>
            {(close) => (
                <>
                    <p>{t("Tocsin no longer calls this address. Mail continues. You cannot undo this.")}</p>
                    <code className="hash">{webhook.address}</code>
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/webhooks/${webhook.id}`)} onDone={close}>
                            {t("Delete webhook")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Add({ count, onSecret }: { count: number; onSecret: (given: Given) => void }) {
    const { status } = useMe().partner
    const [to, setTo] = useState("")
    const full = count >= webhooksMax ? t("{max} webhooks at most: delete one first", { max: webhooksMax }) : null
    const closed = hasCaseAccess(status)
        ? null
        : t("not possible while your organisation is {status}", {
              status: standingWords[status].name,
          })
    return (
        <FormDialog
            button={t("Add webhook…")}
            title={t("Add webhook")}
            submit={t("Add webhook")}
            disabledReason={closed ?? full}
            requests={[
                {
                    name: "address",
                    label: t("Address"),
                    kind: "line",
                    hint: t("For example https://hooks.example.org/tocsin: a public host on port 443."),
                    check: addressFault,
                },
            ]}
            write={({ address }) => {
                setTo(address.trim())
                return writeTo("POST", "/api/webhooks", { address: address.trim() })
            }}
            onDone={(answer) => onSecret({ to, secret: answer.secret })}
        />
    )
}

function addressFault(text: string): string | null {
    if (text.trim().length > addressLengthMax) return t("{max} characters at most", { max: addressLengthMax })
    return readWebAddress(text.trim()) === null
        ? t("enter an https:// address of a public host on port 443, without user name, password or fragment")
        : null
}

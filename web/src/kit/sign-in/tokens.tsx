/** Tokens for the viewer's tools: scopes, networks and last use. */
import { type ReactNode, useState } from "react"
import type { AnswerAt } from "../../answer-at.ts"
import { apiOf } from "../api.ts"
import { Do } from "../button.tsx"
import { Opens } from "../dialog.tsx"
import { FormDialog, linesIn, tickedOf } from "../form.tsx"
import { When } from "../instant.tsx"
import { Empty, Loaded } from "../notice.tsx"
import { Once } from "../once.tsx"
import { Section, Short, Table } from "../table.tsx"
import { type Scope, nameField, networksField, scopes, scopesField } from "./credential-fields.ts"
import { boundKeyFault, boundKeyIn, certificateFault } from "./public-keys.ts"
import { listText, rich, t, valueText } from "../../messages/message.ts"

const { useRead, writeTo } = apiOf<"both">()

type Token = AnswerAt<"both", "GET", "/api/tokens">["tokens"][number]

/** `initialScopes`: the scopes that are ticked for a new token. */
export function Tokens({ initialScopes }: { initialScopes: readonly Scope[] }) {
    const tokens = useRead("/api/tokens")
    const [fresh, setFresh] = useState<string | null>(null)
    return (
        <Section title={t("Tokens")} aside={<NewToken initialScopes={initialScopes} onDone={setFresh} />}>
            <p className="caution">
                {rich(
                    "A token lets a tool act as you, within its scopes: <code>tocsin login</code> or <code>Authorization: Bearer</code>. The audit log records its actions as yours. Keep it secret.",
                    { code: (text) => <code className="code">{text}</code> },
                )}
            </p>
            {fresh !== null && <Once kind={t("Your new token")} secret={fresh} onClose={() => setFresh(null)} />}
            <Loaded query={tokens}>
                {({ tokens }) =>
                    tokens.length === 0 ? (
                        <Empty title={t("You have no tokens.")} />
                    ) : (
                        <Table
                            caption={t("Your tokens")}
                            rows={tokens}
                            keyOf={({ id }) => id}
                            columns={[
                                { name: t("Name"), cell: ({ id, name }) => name ?? <Short id={id} length={16} /> },
                                { name: t("Scopes"), cell: ({ scopes }) => listText(scopes.map(valueText)) },
                                { name: t("Accepted from"), cell: (token) => <Limits token={token} /> },
                                { name: t("Valid until"), cell: ({ expiresAt }) => <When at={expiresAt} short /> },
                                { name: t("Last used"), cell: (token) => <LastUse token={token} /> },
                                {
                                    name: t("Actions"),
                                    cell: (token) => <Actions token={token} onRotated={setFresh} />,
                                    end: true,
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

const bound = t("Bind it to a key")

/** With a key or a certificate, a copy of the token alone is useless. */
const bindings = [
    {
        name: "key",
        label: t("Public key or its thumbprint"),
        kind: "text",
        optional: true,
        folded: bound,
        hint: t(
            "A JWK of P-256 or Ed25519, or its thumbprint (RFC 7638). Each request then needs a proof by this key (DPoP).",
        ),
        check: boundKeyFault,
        codes: ["identity.bad_public_key"],
    },
    {
        name: "certificate",
        label: t("Client certificate"),
        kind: "line",
        optional: true,
        folded: bound,
        hint: t("Its SHA-256 in base64url (x5t#S256). Ask the operator first whether the proxy verifies certificates."),
        check: certificateFault,
    },
] as const

interface NewTokenProps {
    initialScopes: readonly Scope[]
    onDone: (token: string) => void
}

function NewToken({ initialScopes, onDone }: NewTokenProps) {
    return (
        <FormDialog
            button={t("Make a token…")}
            title={t("Make a token")}
            requests={[
                nameField,
                scopesField(initialScopes),
                networksField,
                { name: "days", label: t("Valid for, in days"), kind: "number", initial: "90" },
                ...bindings,
            ]}
            submit={t("Make token")}
            write={(answers) =>
                writeTo("POST", "/api/tokens", {
                    name: answers.name,
                    days: Number(answers.days),
                    scopes: tickedOf(scopes, answers, "scopes"),
                    networks: linesIn(answers.networks),
                    ...boundKeyIn(answers.key),
                    ...(answers.certificate.trim() !== "" && { certificate: answers.certificate.trim() }),
                })
            }
            onDone={({ token }) => onDone(token)}
        />
    )
}

function Limits({ token: { networks, key, certificate } }: { token: Token }) {
    return (
        <>
            {networks.length === 0 ? t("any network") : listText(networks)}
            {key !== null && <div>{t("with its key only")}</div>}
            {certificate !== null && <div>{t("with its certificate only")}</div>}
        </>
    )
}

function LastUse({ token: { lastUsedAt, lastUsedFrom, refusedAt } }: { token: Token }) {
    return (
        <>
            <div>{lastUsedAt === null ? t("never") : <When at={lastUsedAt} short />}</div>
            {lastUsedFrom !== null && <div>{t("from {address}", { address: lastUsedFrom })}</div>}
            {refusedAt !== null && (
                <div>{rich("refused from another network: {at}", { at: <When at={refusedAt} short /> })}</div>
            )}
        </>
    )
}

const unseen = (text: ReactNode) => <span className="unseen">{text}</span>

interface ActionsProps {
    token: Token
    onRotated: (token: string) => void
}

function Actions({ token, onRotated }: ActionsProps) {
    const name = token.name ?? token.id
    return (
        <div className="row end">
            <FormDialog
                button={rich("Rotate… <unseen>{token}</unseen>", { token: name, unseen })}
                title={t("Rotate this token")}
                requests={[
                    {
                        name: "hours",
                        label: t("Overlap in hours"),
                        kind: "number",
                        initial: "24",
                        hint: t(
                            "0 to 72: how long the old token remains valid. The new one has the same name, scopes and limits.",
                        ),
                    },
                ]}
                submit={t("Rotate token")}
                write={({ hours }) => writeTo("POST", `/api/tokens/${token.id}/rotation`, { hours: Number(hours) })}
                onDone={(answer) => onRotated(answer.token)}
            />
            <Opens
                button={rich("Revoke… <unseen>{token}</unseen>", { token: name, unseen })}
                title={t("Revoke this token?")}
            >
                {(close) => (
                    <>
                        <p>{t("Tools that use this token are refused from now on. You cannot undo this.")}</p>
                        <p>{token.name ?? <code className="hash">{token.id}</code>}</p>
                        <div className="row end">
                            <Do look="danger" write={writeTo("DELETE", `/api/tokens/${token.id}`)} onDone={close}>
                                {t("Revoke token")}
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
        </div>
    )
}

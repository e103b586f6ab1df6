/** Sign-in of the viewer: passkeys, the next sign-in link, and tokens for the viewer's tools. */
import { type ReactNode, useState } from "react"
import { apiOf } from "../api.ts"
import { Do } from "../button.tsx"
import { Opens } from "../dialog.tsx"
import { FormDialog } from "../form.tsx"
import { When } from "../instant.tsx"
import { Empty, Loaded } from "../notice.tsx"
import { Page } from "../layout/page.tsx"
import { Section, Short, Table } from "../table.tsx"
import { Once } from "../once.tsx"
import { Passkeys } from "./passkey-list.tsx"
import { rich, t } from "../../messages/message.ts"

const { useRead, writeTo } = apiOf<"both">()

interface AccessProps {
    name: string
    /** The person or team that helps a viewer without a link. */
    otherwise: string
    /** Further sections of the page. */
    children?: ReactNode
}

export function Access({ name, otherwise, children }: AccessProps) {
    return (
        <Page title={t("Your access")} lead={name}>
            <Passkeys />
            <NextLink otherwise={otherwise} />
            <Tokens />
            {children}
        </Page>
    )
}

/** Builds the address of a sign-in link from its secret, on this origin or another. */
export function linkOf(secret: string, origin: string = window.location.origin): string {
    return `${origin}/sign-in#${secret}`
}

function NextLink({ otherwise }: { otherwise: string }) {
    const [link, setLink] = useState<string | null>(null)
    return (
        <Section
            title={t("Next sign-in")}
            aside={
                <Do write={writeTo("POST", "/api/sign-in-links")} onDone={(answer) => setLink(linkOf(answer.link))}>
                    {t("Make next link")}
                </Do>
            }
        >
            <p className="caution">
                {rich(
                    "A session ends after 12 hours. A link signs in once and is valid for 3 days. Make your next link before you leave; it replaces an unused one. {otherwise}",
                    { otherwise },
                )}
            </p>
            {link !== null && <Once kind={t("Your next sign-in link")} secret={link} onClose={() => setLink(null)} />}
        </Section>
    )
}

function Tokens() {
    const tokens = useRead("/api/tokens")
    const [fresh, setFresh] = useState<string | null>(null)
    return (
        <Section
            title={t("Tokens")}
            aside={
                <FormDialog
                    button={t("Make a token…")}
                    title={t("Make a token")}
                    requests={[
                        {
                            name: "name",
                            label: t("Name"),
                            kind: "line",
                            hint: t("The tool and its machine, for example: SIEM, collector 2"),
                            length: { min: 1, max: 60 },
                            codes: ["identity.bad_token_name"],
                        },
                        { name: "days", label: t("Valid for, in days"), kind: "number", initial: "90" },
                    ]}
                    submit={t("Make token")}
                    write={({ name, days }) => writeTo("POST", "/api/tokens", { name, days: Number(days) })}
                    onDone={({ token }) => setFresh(token)}
                />
            }
        >
            <p className="caution">
                {rich(
                    "A token gives a program your permissions: <code>tocsin login</code> or <code>Authorization: Bearer</code>. The audit log records its actions as yours. Keep it secret.",
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
                                { name: t("Made"), cell: ({ createdAt }) => <When at={createdAt} short /> },
                                { name: t("Valid until"), cell: ({ expiresAt }) => <When at={expiresAt} short /> },
                                { name: t("Last used"), cell: (token) => <LastUse token={token} /> },
                                { name: t("Actions"), cell: (token) => <End token={token} />, end: true },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

interface TokenProps {
    token: {
        readonly id: string
        readonly name: string | null
        readonly lastUsedAt: string | null
        readonly lastUsedFrom: string | null
    }
}

function LastUse({ token: { lastUsedAt, lastUsedFrom } }: TokenProps) {
    if (lastUsedAt === null) return t("never")
    return rich("{at}, from {address}", { at: <When at={lastUsedAt} short />, address: lastUsedFrom })
}

function End({ token }: TokenProps) {
    return (
        <Opens
            button={rich("Revoke… <unseen>{token}</unseen>", {
                token: token.name ?? token.id,
                unseen: (text) => <span className="unseen">{text}</span>,
            })}
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
    )
}

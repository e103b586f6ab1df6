/** Sign-in of the viewer: the next sign-in link, and tokens for the viewer's tools. */
import { type ReactNode, useState } from "react"
import { apiOf } from "./api.ts"
import { Do } from "./button.tsx"
import { Opens } from "./dialog.tsx"
import { When } from "./instant.tsx"
import { Empty, Loaded } from "./notice.tsx"
import { Page } from "./layout/page.tsx"
import { Section, Short, Table } from "./table.tsx"
import { Once } from "./once.tsx"
import { rich, t } from "../messages/message.ts"

const { useRead, writeTo } = apiOf<"both">()

interface AccessProps {
    name: string
    /** Who helps a viewer without a link. */
    otherwise: string
    /** Further sections of the page. */
    children?: ReactNode
}

export function Access({ name, otherwise, children }: AccessProps) {
    return (
        <Page title={t("Your access")} lead={name}>
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
                <Do write={writeTo("POST", "/api/tokens")} onDone={(answer) => setFresh(answer.token)}>
                    {t("Make a token")}
                </Do>
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
                                { name: t("Token"), cell: ({ id }) => <Short id={id} length={16} /> },
                                { name: t("Made"), cell: ({ createdAt }) => <When at={createdAt} short /> },
                                { name: t("Valid until"), cell: ({ expiresAt }) => <When at={expiresAt} short /> },
                                { name: t("Actions"), cell: (token) => <End token={token} />, end: true },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

function End({ token }: { token: { readonly id: string } }) {
    return (
        <Opens
            button={rich("Revoke… <unseen>{token}</unseen>", {
                token: token.id,
                unseen: (text) => <span className="unseen">{text}</span>,
            })}
            title={t("Revoke this token?")}
        >
            {(close) => (
                <>
                    <p>{t("Programs that use this token are refused from now on. You cannot undo this.")}</p>
                    <code className="hash">{token.id}</code>
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

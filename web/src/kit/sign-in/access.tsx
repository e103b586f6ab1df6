/** Sign-in of the viewer: passkeys, the next sign-in link, and tokens. */
import { type ReactNode, useState } from "react"
import type { Side } from "../../../../server/src/kernel/route.ts"
import { apiOf } from "../api.ts"
import { Do } from "../button.tsx"
import { Page } from "../layout/page.tsx"
import { Section } from "../table.tsx"
import { Once } from "../once.tsx"
import { Passkeys } from "./passkey-list.tsx"
import { Sessions } from "./sessions.tsx"
import { ConnectedAccounts } from "./single-sign-on.tsx"
import { Tokens } from "./tokens.tsx"
import { rich, t } from "../../messages/message.ts"

const { useRead, writeTo } = apiOf<"both">()

interface AccessProps {
    side: Side
    name: string
    /** The person or team that helps a viewer without a link. */
    otherwise: string
    /** The scopes that are ticked for a new token. */
    initialScopes: readonly ("poll" | "fetch")[]
    /** Further sections of the page. */
    children?: ReactNode
}

export function Access({ side, name, otherwise, initialScopes, children }: AccessProps) {
    return (
        <Page title={t("Your access")} lead={name}>
            <Passkeys />
            <ConnectedAccounts side={side} />
            <NextLink otherwise={otherwise} />
            <Sessions />
            <Tokens initialScopes={initialScopes} />
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
    const passkeys = useRead("/api/passkeys").data?.passkeys
    if (passkeys === undefined || passkeys.length > 0) return null
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
                    "A link signs in once and is valid for 3 days. Make your next link before you leave; it replaces an unused one. {otherwise}",
                    { otherwise },
                )}
            </p>
            {link !== null && <Once kind={t("Your next sign-in link")} secret={link} onClose={() => setLink(null)} />}
        </Section>
    )
}

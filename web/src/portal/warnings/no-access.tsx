/** The page at the address of a warning that a partner may not read, and at any unknown address. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { Page } from "../../kit/layout/page.tsx"
import { Empty } from "../../kit/notice.tsx"
import { rich, t } from "../../messages/message.ts"

/** Shows the same for a withdrawn, a foreign and a nonexistent warning. */
export function NoAccess({ held }: { held?: ReactNode }) {
    return (
        <Page title={t("Nothing to show")} path={[{ to: "/", name: t("Warnings") }]}>
            <Empty title={t("You have no access to this page, or it does not exist.")}>
                {rich(
                    "Your agreement still binds you for copies that you have. See <warnings>your warnings</warnings> and <receipts>your receipts</receipts>.",
                    {
                        warnings: (text) => <Link to="/">{text}</Link>,
                        receipts: (text) => <Link to="/receipts">{text}</Link>,
                    },
                )}
            </Empty>
            {held}
        </Page>
    )
}

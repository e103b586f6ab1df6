/** What a partner sees at the address of a warning that it may not read, and at any unknown address. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { Page } from "../../kit/layout/page.tsx"
import { Empty } from "../../kit/notice.tsx"

/** Shows the same for a withdrawn, a foreign and a nonexistent warning. */
export function NoAccess({ held }: { held?: ReactNode }) {
    return (
        <Page title="Nothing to show" path={[{ to: "/", name: "Warnings" }]}>
            <Empty title="You have no access to this page, or it does not exist.">
                Your agreement still binds you for copies that you have. See <Link to="/">your warnings</Link> and{" "}
                <Link to="/receipts">your receipts</Link>.
            </Empty>
            {held}
        </Page>
    )
}

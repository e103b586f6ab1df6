/** What a partner sees at the address of a warning that it may not read, and at any unknown address. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { Page } from "../../kit/layout/page.tsx"
import { Empty } from "../../kit/notice.tsx"

/** Shows the same for a withdrawn, a foreign and a nonexistent warning. */
export function NothingHere({ held }: { held?: ReactNode }) {
    return (
        <Page title="Nothing is here for you">
            <Empty title="If there was a warning here, it is out of your reach now.">
                What you fetched of it before you still hold, under the same terms. See{" "}
                <Link to="/">your warnings</Link> and <Link to="/receipts">what you fetched</Link>.
            </Empty>
            {held}
        </Page>
    )
}

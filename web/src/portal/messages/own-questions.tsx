/** The page of this partner's questions about its warnings. */
import { Page } from "../../kit/layout/page.tsx"
import { AskedByYou } from "../questions/ask-operator.tsx"

export function OwnQuestions() {
    return (
        <Page
            title="Messages"
            tabTitle="Your questions"
            lead="The operator answers you, or all partners with the warning."
        >
            <AskedByYou />
        </Page>
    )
}

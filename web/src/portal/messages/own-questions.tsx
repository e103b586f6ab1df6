/** The page of this partner's questions about its warnings. */
import { Page } from "../../kit/layout/page.tsx"
import { AskedByYou } from "../questions/ask-operator.tsx"
import { t } from "../../messages/message.ts"

export function OwnQuestions() {
    return (
        <Page
            title={t("Messages")}
            tabTitle={t("Your questions")}
            lead={t("The operator answers you, or all partners with the warning.")}
        >
            <AskedByYou />
        </Page>
    )
}

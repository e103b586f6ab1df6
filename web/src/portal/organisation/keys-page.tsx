/** The page of keys: those for copies, and OpenPGP keys for mail. */
import { Page } from "../../kit/layout/page.tsx"
import { MakePasskeyKey } from "../copies-passkey/make-key.tsx"
import { AddKey, Keys } from "./keys.tsx"
import { MailKeys } from "./mail-keys.tsx"
import { t } from "../../messages/message.ts"

export function KeysPage() {
    return (
        <Page title={t("Organisation")} tabTitle={t("Keys")} aside={<AddKeys />}>
            <Keys />
            <MailKeys />
        </Page>
    )
}

function AddKeys() {
    return (
        <>
            <MakePasskeyKey />
            <AddKey look="main" />
        </>
    )
}

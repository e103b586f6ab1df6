/** Checks the text of a deployment permission. */
import { refuse } from "@tocsin/base/refusal"
import { type Permission, permissionTextMax } from "./deployment-permission.ts"
import { assertNoSlots } from "./no-slots.ts"

/** Refuses `deployment_permission.bad_text`, and texts with slots. */
export function validatePermission({ text }: Permission): void {
    if (!(text.trim() !== "" && text.length <= permissionTextMax)) {
        refuse(
            "invalid",
            "deployment_permission.bad_text",
            `bad text: use \`1\` to \`${permissionTextMax}\` characters`,
            { max: permissionTextMax },
        )
    }
    assertNoSlots([text])
}

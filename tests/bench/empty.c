/* SPDX-License-Identifier: Apache-2.0 */
/* empty - a program that does nothing: the least that any operation of any agent costs.
 */

int main(void)
{
    return 0;
}

post-letters = رسائل للطباعة
post-letters-hint = رسائل إدارتك إلى من لا يصلهم بريد إلكتروني.
post-letters-lead = اطبع هذه الرسائل وضعها في أظرف ذات نافذة وأرسلها بالبريد. يستطيع كل شخص أن يرى أنك طبعت رسالته.
post-letters-none = لا رسالة في الانتظار.
post-letters-count = { $count ->
    [zero] لا رسالة في الانتظار.
    [one] رسالة واحدة في الانتظار.
    [two] رسالتان في الانتظار.
    [few] { $count } رسائل في الانتظار، الأقدم أولا.
    [many] { $count } رسالة في الانتظار، الأقدم أولا.
   *[other] { $count } رسالة في الانتظار، الأقدم أولا.
}
post-what = الرسالة
post-office = باسم
post-written = كُتبت
post-printed = طُبعت
post-next = الخطوة التالية
post-not-yet = ليس بعد
post-print = تنزيل (PDF)
post-posted = سجّل أنها أُرسلت
post-print-all = تنزيل كل هذه الرسائل في ملف PDF واحد
post-posted-all = سجّل أن كل ما طُبع قد أُرسل
post-collect = تُستلم من: { $office }
post-page-of = صفحة { $page } من { $pages }
post-notice-identity-activation = رمز التفعيل
post-notice-identity-corrected = تغيير في ملف
post-notice-identity-card-replaced = تعويض بطاقة
post-notice-identity-event = ما حدث في حياة شخص
post-notice-office-complaint = إيصال شكوى
post-notice-office-complaint-answered = جواب على شكوى

problem-post-not-printed = لا يمكن تسجيل إرسال رسالة لم تُطبع أو أُرسلت من قبل.
problem-post-not-printed-next = ارجع إلى الرسائل واطبعها وأرسلها ثم سجّل ذلك.

# Two records of one person.
post-notice-identity-merged = ضُمّ سجلان
post-notice-identity-split = فُصلت سجلات مضمومة
post-notice-identity-different = سجلان لشخصين
post-notice-identity-reopened = تُقارن السجلات من جديد
post-notice-identity-assisted = أمر فُعل نيابة عن شخص
post-notice-identity-passkey = مفتاح مرور أُضيف أو حُذف

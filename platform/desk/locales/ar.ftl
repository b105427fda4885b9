desk-sign-in = تسجيل الدخول
desk-login = اسم الدخول
desk-login-hint = الموظفون: الاسم الذي أعطاكم إياه المسؤول الإداري. المواطنون: الاسم الذي اخترتموه عند تفعيل الحساب.
desk-password = كلمة المرور
desk-confirm = تأكيد
desk-code = الرمز المؤقت
desk-code-label = الرمز من تطبيق المصادقة
desk-code-hint = ستة أرقام، أو أحد رموز الاسترداد.
desk-claim-link = لديك رمز تفعيل: فعّل حسابك
desk-choose-office = أين تعمل اليوم؟
desk-choose-office-label = الدور والمكتب
desk-step-up = أكّد أنك أنت
desk-step-up-why = ما أنت مقبل عليه مهم. رمز جديد يمنع من يجد شاشتك مفتوحة من فعله نيابة عنك.

problem-desk-choose-one = لم يُختَر شيء.
problem-desk-choose-one-next = عُد إلى الخلف واختر إحدى الإجابات.

desk-trust = هل يمكن الوثوق بسجلات هذا البلد؟
desk-trust-lead = كل عمل رسمي، وكل اطّلاع على بيانات شخص عبر هذا النظام، يترك إيصالًا. وتُحفظ الإيصالات في سجلَّين عامَّين يراقبهما شهود من الخارج. تقول هذه الصفحة ما حالهما، وما الذي لا يستطيعانه.
desk-log = السجل
desk-log-acts = الأعمال الرسمية
desk-log-access = الاطّلاع على البيانات الشخصية
desk-log-name = الاسم
desk-log-size = القيود
desk-log-root = بصمة كل القيود
desk-log-signed = وقّعه البلد
desk-log-cosigned = أكّده الشهود
desk-log-waiting = في انتظار مكانها
desk-never = ليس بعد
desk-witness = الشاهد
desk-witnesses = من يراقب
desk-no-witness = لا شاهد من الخارج يراقب هذا التركيب. قد يعيد مشغّله كتابة السجل ولا يلاحظ ذلك أحد في الخارج.
desk-frozen = السجل مجمّد
desk-frozen-text = تحمل هذه الآلة نسخة من السجل «{ $log }» أقدم مما رآه شهودها. لا يُوقَّع فيه شيء بعد الآن، ولا سبيل إلى تجاوز ذلك. وإذا ضاعت أحدث نسخة فلا يبقى للبلد إلا أن يبدأ سجلًا جديدًا يقول علنًا ما الذي ينقص.
desk-succeeded = بدأ سجل جديد في { $date }
desk-succeeded-frozen = أُغلق السجلان «{ $before }» نهائيًا: لم تعد قاعدة بيانات هذا البلد هي التي أكّد الشهود قيودها، كأن اضطُرّ إلى استعادة نسخة أقدم.
desk-succeeded-ended = أُنهي السجلان «{ $before }» عمدًا، وبدأ سجلان جديدان.
desk-succeeded-missing = أكّد الشهود قيودًا لم تعد في هذه القاعدة. قيود الأعمال الناقصة: { $acts }. قيود الاطّلاعات الناقصة: { $access }. ما أُنجز ومن اطّلع في تلك المدة لم يعد مسجلًا هنا، ومن يحمل إيصالًا يستطيع إثباته.
desk-succeeded-whole = لا ينقص شيء.
desk-succeeded-forked = وقد تختلف قيود أقدم أيضًا عما أكّده الشهود.
desk-succeeded-altered = لا يمكن قراءة ما يقوله السجل الجديد عن بدايته: لقد عُدِّل. والمراجعة تسمّي السطر.
desk-succeeded-kept = حُفظت الاطّلاعات حتى
desk-succeeded-by = بدأه
desk-succeeded-reason = السبب المذكور
desk-succeeded-policy = ملف الثقة الذي تُفحص به الإيصالات السابقة
desk-held = السجل لا يُوقَّع في هذه اللحظة
desk-held-text = يستمر تسجيل الأعمال والاطّلاعات، وتصبح إيصالاتها نهائية حين يجيب الشهود من جديد.
desk-seals-public = اطّلاعات أغلقتها محكمة
desk-seals-ever = أُغلقت عند حدوثها
desk-seals-now = مغلقة الآن
desk-seals-extended = أيام أبعد وافقت عليها مؤسسة ثانية
desk-proves = ما يثبته الإيصال
desk-proves-1 = سُجّل العمل أو الاطّلاع هنا، بهذا المحتوى بالضبط.
desk-proves-2 = كان في السجل الذي أكّده الشهود، في الوقت الذي يذكرونه.
desk-proves-3 = لا يمكن تغييره أو إخراجه لاحقًا دون أن يلاحظ الشهود وكل حامل إيصال.
desk-proves-4 = قائمة الاطّلاع على بياناتك كاملة: إسقاط أولها أو أوسطها أو أحدثها يظهر.
desk-limits = ما لا يثبته
desk-limits-1 = من يملك حساب إدارة الآلة والمفتاح الجذر معًا يستطيع قراءة البيانات في صمت، خارج هذا البرنامج.
desk-limits-2 = برنامج معدَّل قد يتجاوز البوابة إلى أن تقارنه مراجعة بالبرنامج المنشور.
desk-limits-3 = بلا شاهد من الخارج لا يلاحظ أحد في الخارج سجلًا أُعيدت كتابته.
desk-limits-4 = يقول الإيصال ما سُجّل، لا أنه صحيح.
desk-limits-5 = الاطّلاعات التي ختمتها محكمة تُعدّ فورًا، لكن محتواها لا يظهر إلا بعد تاريخ فك الختم.
desk-check-yourself = تحقّق بنفسك
desk-check-yourself-text = نزّل إيصالًا وملف الثقة. الأمران الأولان لا يحتاجان إلى شبكة: أحدهما يتحقق من إيصال، والآخر من إثبات أن قائمة الاطّلاعات على بياناتك كاملة. والثالث يراجع سجلًا كاملًا عبر الشبكة.
desk-policy-file = ملف الثقة: مفاتيح السجلات وشهودها
desk-certificate-keys = مفاتيح التحقق من البطاقات والشهادات
desk-checkpoint-acts = أحدث نقطة تحقق للأعمال
desk-checkpoint-access = أحدث نقطة تحقق للاطّلاعات

desk-desk = مكتبك
desk-desk-lead = ما يتيحه لك دورك.
desk-cases = الملفات
desk-cases-hint = كل اطّلاع من أجل تحقيق يذكر ملفًا لجهتك.
desk-approvals = الموافقات
desk-approvals-hint = أعمال لا بد أن يتفق عليها شخصان.
desk-complaints = الشكاوى
desk-complaints-hint = شكاوى المواطنين التي يجيب عنها مكتبك.
desk-reviews = اطّلاعات للمراجعة
desk-reviews-hint = اطّلاع من كل مئة، يُختار عشوائيًا، يراجعه مكتب آخر.
desk-seals = الاطّلاعات المخفية
desk-seals-hint = اطّلاعات جهتك التي أغلقتها محكمة إلى حين، وطلب يوم أبعد.
desk-seals-lead = اطّلاعات جهتك التي لا يستطيع المعنيون قراءتها بعد. يُفتح كل منها من تلقاء نفسه في يومه. ويتطلب اليوم الأبعد أمر محكمة، وموافقة واحد منكم وموظف من المؤسسة الثانية.
desk-seals-none = ليس لجهتك اطّلاعات مخفية.
desk-seal-until = يُفتح في
desk-seal-extensions = الأيام الأبعد المتفق عليها حتى الآن
desk-seal-court = مرجع أمر المحكمة الجديد
desk-seal-day = اليوم الجديد الذي يعلم فيه الشخص
desk-seal-day-hint = بعد اليوم الحالي، وخلال سنة من اليوم.
desk-seal-later = طلب يوم أبعد
desk-alarms = قرّاء غير معتادين
desk-alarms-hint = موظفون اطّلعوا على أناس أكثر بكثير مما يفعل دورهم عادة.
desk-officials = الموظفون
desk-officials-hint = من يعمل وأين؛ دعوة وتعيين وإيقاف.
desk-sessions = أين سجّلت الدخول
desk-sessions-hint = جلساتك المفتوحة وكيف تنهيها.

desk-claim = تفعيل حسابك
desk-claim-lead = تحتاج إلى رمز التفعيل من الرسالة التي سُلّمت إليك، وإلى هاتف أو حاسوب فيه تطبيق مصادقة.
desk-activation = رمز التفعيل
desk-activation-hint = أحد عشر حرفًا ورقمًا. لا فرق في المسافات وحجم الحروف.
desk-enrol = اختر كيف تسجّل الدخول
desk-enrol-login = اسم دخولك هو { $login }.
desk-own-name = اسمك
desk-login-choose = حروف وأرقام ونقاط وشرطات، ثلاثة على الأقل.
desk-new-password = كلمة مرور جديدة
desk-new-password-hint = 12 حرفًا على الأقل. عدة كلمات متتالية سهلة التذكر صعبة التخمين.
desk-step = الخطوة { $step } من { $steps }
desk-app = جهّز تطبيق المصادقة
desk-app-lead = يعطي التطبيق رمزًا جديدًا كل 30 ثانية. بدونه لا يستطيع أحد الدخول بكلمة مرورك وحدها.
desk-app-qr = رمز QR لتطبيق المصادقة
desk-app-secret = امسح الصورة، أو اكتب هذا المفتاح في التطبيق:
desk-app-code-hint = الأرقام الستة التي يعرضها التطبيق الآن.
desk-ready = حسابك جاهز
desk-ready-text = يمكنك تسجيل الدخول باسمك وكلمة مرورك ورمز من التطبيق.
desk-recovery = احتفظ برموز الاسترداد هذه
desk-recovery-text = يعمل كل منها مرة واحدة إن فقدت هاتفك. ولن تُعرض مرة أخرى.

desk-what = ماذا
desk-requested-by = طلبه
desk-when = متى
desk-state = الحالة
desk-votes = وافق { $votes } من { $needed }
desk-approvals-none = لا شيء ينتظر الموافقة.
desk-approval = طلب موافقة
desk-expires = ينتهي
desk-digest = بصمة هذا بالضبط
desk-approved-by = وافق
desk-exactly = هذا بالضبط ما سيحدث
desk-approval-closed = هذا الطلب مغلق.
desk-execute = نفّذ
desk-waiting-second = لقد وافقت. لا بد أن يوافق شخص ثانٍ أيضًا.
desk-approve = أوافق على هذا بالضبط
desk-reason = السبب
desk-reject = رفض
desk-kind-identity-erase = محو بيانات شخص
desk-kind-identity-suspend = إيقاف سجل شخص
desk-kind-identity-lift = رفع إيقاف سجل
desk-kind-identity-mark-fraud = وسم سجل بأنه قائم على تدليس
desk-kind-identity-clear-fraud = إزالة وسم التدليس عن سجل
desk-kind-identity-undo-death = إلغاء وفاة سُجلت خطأ
desk-kind-office-seal-extend = إبقاء اطّلاع مخفيًا مدة أطول
desk-kind-cloud-order = طلب إلى السحابة
desk-kind-packs-publish = نسخة جديدة من إعدادات البلد

desk-name = الاسم
desk-works-as = يعمل بصفة
desk-state-invited = مدعو
desk-state-active = نشط
desk-state-suspended = موقوف
desk-invite = دعوة موظف
desk-link = رابط لمرة واحدة
desk-link-text = سلّمه إلى الموظف بنفسك مسبوقًا بعنوان هذا الموقع. يُعرض مرة واحدة فقط وينتهي بعد 72 ساعة.
desk-assign-now = امنحه دورًا في مكتب
desk-official = موظف
desk-last-sign-in = آخر دخول
desk-end-assignment = إنهاء هذا الدور
desk-assign = منح دور في مكتب
desk-role = الدور
desk-office = المكتب
desk-resume = السماح بالدخول من جديد
desk-suspend = إيقاف
desk-renew-link = إنشاء رابط جديد
desk-acts-public = كل عمل من هذه الأعمال يدخل السجل العام، دون أسماء.

desk-complaints-mine = شكاواك
desk-complaints-lead = لا بد أن يجيب شخص من خارج المكتب المشكوّ منه في الأجل القانوني.
desk-complain = كتابة شكوى
desk-complain-send = إرسال الشكوى
desk-complain-agency = عن أي جهة؟
desk-complain-words = ماذا حدث؟
desk-complain-look = أنت لا تعرف سببًا لاطّلاع { $agency }، { $office }.
desk-complain-deadline = { $days ->
    [zero] تأتيك الإجابة اليوم.
    [one] تأتيك الإجابة خلال يوم واحد.
    [two] تأتيك الإجابة خلال يومين.
    [few] تأتيك الإجابة خلال { $days } أيام.
    [many] تأتيك الإجابة خلال { $days } يومًا.
   *[other] تأتيك الإجابة خلال { $days } يوم.
}
desk-complaint-sent = استُلمت شكواك
desk-complaint-number = رقمها { $reference }.
desk-complaint = شكوى
desk-complaint-late = متأخرة
desk-complaint-open = تنتظر الإجابة
desk-complaint-words = كلام المواطن
desk-complaints-none = لا توجد شكاوى.
desk-reference = الرقم
desk-about = الموضوع
desk-about-look = اطّلاع على بيانات شخصية
desk-about-refusal = رفض
desk-about-merge = دمج سجلَّين في واحد
desk-about-other = أمر آخر
desk-answers = يجيب عنها
desk-due = موعد الإجابة
desk-answer = الإجابة
desk-answer-send = إرسال الإجابة
desk-outcome = كيف تنتهي؟
desk-outcome-upheld = المواطن على حق
desk-outcome-dismissed = المواطن ليس على حق
desk-agency = الجهة
desk-read = قراءة الشكوى
desk-purpose = لماذا تحتاج إلى الاطّلاع؟
desk-purpose-hint = سيقرأ المواطن هذا.
desk-case = رقم الملف
desk-complaint-counts = الشكاوى حسب الجهة
desk-complaint-counts-lead = كم شكوى تلقّت كل جهة، وهل أُجيب عنها في موعدها.
desk-count-open = مفتوحة
desk-count-open-late = مفتوحة ومتأخرة
desk-count-in-time = أُجيب عنها في موعدها
desk-count-late = أُجيب عنها متأخرًا
desk-count-upheld = المواطن على حق

desk-reviews-lead = هل كان هذا الاطّلاع لازمًا لغرضه؟ ترى من اطّلع ولماذا، ولا ترى من صاحب البيانات.
desk-review-open = في الانتظار
desk-review-justified = مبرَّر
desk-review-unjustified = غير مبرَّر
desk-review-question = هل كان الاطّلاع مبرَّرًا؟
desk-reader = من اطّلع
desk-decide = احسم
desk-note = ملاحظة
desk-alarms-lead = الاطّلاعات خلال ساعة، مقارنة بما يحتاج إليه الدور عادة.
desk-alarms-none = لا أحد يقرأ أكثر من المعتاد.
desk-looks-hour = اطّلاعات في الساعة
desk-looks-usual = المعتاد
desk-close = إغلاق

desk-opened-by = فتحه
desk-opened = فُتح
desk-closed = أُغلق
desk-case-open = مفتوح
desk-open-case = فتح ملف
desk-close-case = إغلاق ملف

desk-sessions-lead = إن لم تعرف إحداها فأنهِها وغيّر كلمة مرورك.
desk-this-session = هذه الجلسة
desk-session = جلسة أخرى
desk-device = الجهاز
desk-last-seen = آخر استعمال
desk-end-session = إنهاء هذه الجلسة

desk-country = إعدادات البلد
desk-country-hint = المكاتب والأدوار والأماكن والاستمارات والنصوص: إصداراتها وما يغيره إصدار جديد.
desk-country-lead = تأتي الأسماء والأماكن والمكاتب والأدوار والاستمارات والنصوص من ملفات الوزارة. يسري الإصدار الجديد في يومه بعد أن يوافق موظفان على هذه الملفات بعينها.
desk-country-how = كيف يُقترح إصدار جديد؟
desk-country-how-text = الإصدار مجلد من الملفات، لذلك لا يُرسل عبر صفحة. من يشغّل الجهاز يفحص المجلد ويقترحه بهذا الأمر، ثم يوافق عليه موظفان هنا.
desk-version = الإصدار
desk-version-from = نافذ ابتداء من
desk-version-receipt = الإيصال
desk-version-digest = بصمة كل الملفات
desk-version-proposed-on = اقتُرح
desk-version-published = نُشر
desk-version-in-force = نافذ
desk-version-waiting = ينتظر يومه
desk-version-past = سابق
desk-version-proposed = ينتظر موافقتين
desk-version-not-taken = لم يُعتمد
desk-version-altered = غُيّر في قاعدة البيانات
desk-country-version = إصدار من إعدادات البلد
desk-country-changes = ما الذي يتغير مقارنة بالإصدار { $version }
desk-country-count = { $count ->
    [zero] لا تغيير
    [one] تغيير واحد
    [two] تغييران
    [few] { $count } تغييرات
    [many] { $count } تغييرا
   *[other] { $count } تغيير
}
desk-country-same = لا شيء يتغير.
desk-country-silent = التعليقات أو ترتيب المدخلات فقط
desk-country-file = الملف
desk-country-thing = ماذا
desk-country-before = حتى الآن
desk-country-after = بعد ذلك
desk-country-more = { $count ->
    [zero] لا تغييرات أخرى.
    [one] هناك تغيير آخر لا يظهر هنا. قارن المجلدين بالأمر «daftar country diff» قبل أن توافق.
    [two] هناك تغييران آخران لا يظهران هنا. قارن المجلدين بالأمر «daftar country diff» قبل أن توافق.
    [few] هناك { $count } تغييرات أخرى لا تظهر هنا. قارن المجلدين بالأمر «daftar country diff» قبل أن توافق.
    [many] هناك { $count } تغييرا آخر لا يظهر هنا. قارن المجلدين بالأمر «daftar country diff» قبل أن توافق.
   *[other] هناك { $count } تغيير آخر لا يظهر هنا. قارن المجلدين بالأمر «daftar country diff» قبل أن توافق.
}
desk-country-files = بصمة كل ملف
desk-country-files-text = ضع الملفات في مجلد ونفذ sha256sum عليها: يجب أن تكون الأسطر هذه.
desk-country-published = نُشر الإصدار الجديد
desk-country-published-from = يسري ابتداء من { $when }.
desk-answer-online = ادخل إلى حسابك لقراءة الجواب ضمن شكاواك.

# Two records of one person.
desk-complain-merge = تقول إن { $agency }، { $office } ضمّت خطأً سجلك إلى سجل آخر.
desk-kind-identity-merge = ضم سجلين في سجل شخص واحد
desk-kind-identity-different = إقرار أن السجلين لشخصين
desk-kind-identity-split = فصل سجلين مضمومين
desk-kind-identity-reopen = إعادة السؤال عن سجلين
desk-passkeys = مفاتيح المرور
desk-passkeys-hint = سجّل الدخول بهاتفك أو حاسوبك أو مفتاح أمان بدلاً من كلمة السر.
desk-passkeys-lead = مفتاح المرور موجود في هاتفك أو حاسوبك أو مفتاح أمان. يطلب رقمك السري أو بصمتك أو وجهك، ولا يعمل إلا على عنوان هذه الدولة، فلا يستطيع أحد أن يأخذه منك بالحيلة. تبقى كلمة السر والرموز لمرة واحدة صالحة.
desk-passkeys-off = لا يمكن استعمال مفاتيح المرور هنا، لأن هذه الدولة لا تُفتح باسم خاص بها.
desk-passkeys-confirm = لتغيير شيء، أكّد أنك أنت
desk-passkey-sign-in = الدخول بمفتاح مرور
desk-passkey-step-up = التأكيد بمفتاح مرور
desk-passkey-ask = يطلب متصفحك مفتاح المرور. اتبع ما يقوله.
desk-passkey-try = حاول من جديد
desk-passkey-failed = لم يُستعمل مفتاح المرور: طال الوقت، أو رُفض، أو ليس على هذا الجهاز.
desk-passkey-none = لا يستطيع هذا المتصفح استعمال مفاتيح المرور هنا. يلزم JavaScript والعنوان { $address }. عد واستعمل كلمة السر ورمزاً لمرة واحدة.
desk-passkey-add = إضافة مفتاح مرور
desk-passkey-where = يُنشأ في هذا المتصفح، على العنوان { $address }، باستعمال JavaScript.
desk-passkey-name = ماذا تسميه؟
desk-passkey-name-hint = لقائمتك أنت، مثل «هاتفي».
desk-passkey-make = ينشئ متصفحك مفتاح المرور. اتبع ما يقوله.
desk-passkey-added = أضيف
desk-passkey-used = آخر استعمال
desk-passkey-lives = أين هو
desk-passkey-one = على جهاز واحد
desk-passkey-several = قد يكون على عدة أجهزة لك
desk-passkey-blocked = موقوف منذ { $when }: رجع عدّاده إلى الوراء، فقد تكون له نسخة. احذفه وأضف مفتاحاً جديداً.
desk-passkey-remove = حذف «{ $name }»
desk-passkeys-only = مفاتيح المرور فقط
desk-passkeys-only-off = يمكن فتح حسابك أيضاً بكلمة السر ورمز لمرة واحدة. يمكنك أن تجعل كلمة السر مرفوضة، فلا يدخل بها أحد حتى من يعرفها.
desk-passkeys-only-on = لا يُفتح حسابك إلا بمفتاح مرور. إن لم يعد أي مفتاح صالحاً قُبلت كلمة السر من جديد.
desk-passkeys-only-set = ارفض كلمة سري
desk-password-again = اقبل كلمة سري من جديد

desk-kind-identity-guardianship = تنفيذ حكم محكمة في من يقوم على طفل
